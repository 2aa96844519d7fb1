"""The atlas of a gamut in a real browser, used as a person would: by pointer, by keyboard, by its address."""

import io
import json
import math
from dataclasses import dataclass
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
import yaml
from atlas_world import NAMES, make_atlas, read_brightness
from axe_playwright_python.sync_playwright import Axe
from page_world import configuration
from PIL import Image

from synface.atlas.grid import grid_of
from synface.core.emotions import LABELS
from synface.core.shards import read_shard
from synface.core.tables import read_table, write_table
from synface.settings.edit import Planning
from synface.settings.reading import complete
from synface.stages.codes import Codes
from synface.stages.deal import DEALT
from synface.stages.edit import edit_faces
from synface.stages.plan import plan_edit
from synface.study.study import Study

ENDS = ("theta from", "theta to", "rho from", "rho to")
WIDTHS = {"desk": 1400, "phone": 390}
KINDS = {"linear, read": ("linear", True), "linear, not read": ("linear", False), "gaussian, read": ("gaussian", True)}


@pytest.fixture(scope="session")
def atlases(tmp_path_factory):
    made = {}

    def find(name):
        if name not in made:
            kind, judged = KINDS[name]
            made[name] = make_atlas(tmp_path_factory.mktemp("atlas"), kind, judged=judged)
        return made[name]

    return find


@pytest.fixture
def open_atlas(browser, atlases):
    """Opens an atlas; all that it said is in ``page.said``."""
    contexts = []

    def open_it(name="linear, read", width="desk", scheme="light", address=""):
        context = browser.new_context(
            viewport={"width": WIDTHS[width], "height": 900},
            color_scheme=scheme,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda asked: page.said.append(asked.url) if asked.url.startswith("http") else None)
        page.goto(atlases(name).page.as_uri() + address)
        return page

    yield open_it
    for context in contexts:
        context.close()


@dataclass(frozen=True)
class Space:
    """What a linear page must show, from its own files."""

    gamut: dict
    grid: object

    def place(self, page, theta, rho):
        """Return where a code lies on the screen: the map's units are a 660th of its width, 1 of rho is 245 / 1.3."""
        box = page.locator("#map").bounding_box()
        unit = box["width"] / 660
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        radius = 245 / 1.3 * rho * unit
        return middle[0] + radius * math.cos(theta), middle[1] - radius * math.sin(theta)


@pytest.fixture
def space(atlases):
    gamut = json.loads(atlases("linear, read").gamut.read_text())
    return Space(gamut, grid_of(gamut))


def where(page):
    return page.locator("#where").inner_text()


def region_of(page, label):
    return [float(page.get_by_label(f"{label}, {end}").input_value()) for end in ENDS]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", KINDS)
def test_it_opens_in_silence_fits_and_can_be_read(open_atlas, atlases, name, width, scheme):
    page = open_atlas(name, width, scheme)
    assert page.said == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page).response["violations"]
    assert {each["id"]: each["nodes"][0]["html"] for each in found if each["impact"] in ("serious", "critical")} == {}
    assert atlases(name).page.stat().st_size < 8e6
    assert ("Nobody reads these faces" in page.locator("header").inner_text()) == (name == "linear, not read")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(20, 24, 28)" if scheme == "dark" else "rgb(252, 252, 250)")


def test_the_pointer_shows_a_code_and_a_click_keeps_it(open_atlas, space):
    page = open_atlas()
    fear = space.gamut["classes"]["fear"]["theta"]
    page.mouse.move(*space.place(page, fear, 0.41))
    shown = f"theta {round(math.degrees(fear))}°, rho 0.4, on the axis of fear"
    assert shown in where(page)
    page.mouse.move(5, 5)
    assert "on the axis of happiness" in where(page)
    page.mouse.click(*space.place(page, fear, 0.41))
    page.mouse.move(5, 5)
    assert shown in where(page)
    faces = page.locator("#wall .face").evaluate_all("faces => faces.map(face => +face.dataset.code)")
    assert faces == [space.grid.strips["fear"][2]] * len(NAMES)


def test_the_keyboard_walks_over_the_map(open_atlas, space):
    page = open_atlas()
    page.locator("#map").focus()
    page.keyboard.press("Home")
    assert "neutral, rho 0" in where(page)
    page.keyboard.press("ArrowUp")
    assert "rho 0.2" in where(page)
    page.keyboard.press("ArrowUp")
    first = page.locator("#pair .face").nth(1).get_attribute("data-code")
    page.keyboard.press("ArrowLeft")  # counterclockwise, to the next direction
    second = page.locator("#pair .face").nth(1).get_attribute("data-code")
    directions = space.grid.directions
    assert "rho 0.4" in where(page)
    assert (int(second) - int(first)) % len(directions) == 1
    for _ in range(9):
        page.keyboard.press("ArrowUp")
    assert "rho 1.2" in where(page)


def test_the_keyboard_reaches_portraits_and_keeps_its_place(open_atlas):
    page = open_atlas()
    page.locator("#wall button").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.getAttribute('aria-pressed') === 'true'")
    assert "Portrait 2 of 3" in where(page)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_every_face_is_told_to_who_does_not_see_it(open_atlas):
    page = open_atlas()
    names = page.locator("#wall button").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    assert len(names) == len(NAMES)
    for number, name in enumerate(names):
        assert name.startswith(f"portrait {number + 1}, theta ")
        assert name.rpartition("read as ")[2] in LABELS


def test_a_sector_is_drawn_wider_by_the_pointer(open_atlas, space):
    page = open_atlas()
    start, end, low, high = region_of(page, "happiness")
    grip = page.locator("[data-grip=to]").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(*space.place(page, math.radians(end + 5), 0.85), steps=3)
    page.mouse.move(*space.place(page, math.radians(end + 20), 0.85), steps=3)
    page.mouse.up()
    found = region_of(page, "happiness")
    assert found[1] == pytest.approx(end + 20, abs=1)
    assert found[:1] + found[2:] == [start, low, high]


def test_a_sector_is_moved_as_a_whole(open_atlas, space):
    page = open_atlas()
    page.get_by_role("button", name="anger", exact=True).click()
    start, end, *_ = region_of(page, "anger")
    # The middle of the sector holds no grip.
    page.mouse.move(*space.place(page, math.radians((start + end) / 2), 0.85))
    page.mouse.down()
    page.mouse.move(*space.place(page, math.radians((start + end) / 2 + 25), 0.85), steps=4)
    page.mouse.up()
    found = region_of(page, "anger")
    assert [found[0] - start, found[1] - end] == pytest.approx([25, 25], abs=1)
    assert found[1] - found[0] == end - start


def type_region(page, label, values):
    for end, value in zip(ENDS, values, strict=True):
        page.get_by_label(f"{label}, {end}").fill(str(value))
        page.keyboard.press("Tab")


def test_the_share_read_as_intended_is_that_of_a_run(open_atlas, space, atlases):
    """Codes drawn as a run draws them, each read as at the nearest code of the page."""
    page = open_atlas()
    type_region(page, "surprise", [100, -100, 0.05, 0.75])
    told = float(page.locator("#regions li").first.locator(".intended-share").inner_text().rstrip(" %"))
    settings = complete(Planning, {"rho": 1, "ranges": {"surprise": {"theta": [100, -100], "rho": [0.05, 0.75]}}}, "e")
    codes = Codes(space.gamut, settings, "e")
    drawn = np.array([codes.draw("surprise", str(number))[2:] for number in range(4000)])
    # Nearest in rho, then in theta.
    rho, theta = np.hypot(*drawn.T), np.arctan2(drawn[:, 1], drawn[:, 0])
    ring = np.abs(rho[:, None] - [0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]).argmin(axis=1)
    turn = np.abs(np.angle(np.exp(1j * (theta[:, None] - space.grid.directions)))).argmin(axis=1)
    nearest = np.where(ring == 0, 0, 1 + (ring - 1) * len(space.grid.directions) + turn)
    reading = json.loads(page.locator("#facts").text_content())["reading"]["after"]
    read = np.array(list(map(int, reading))).reshape(len(NAMES), -1)
    expected = 100 * (read[:, nearest] == LABELS.index("surprise")).mean()
    # 4,000 draws scatter by less than a point.
    assert 2 < expected < 98
    assert told == pytest.approx(expected, abs=2.5)


def test_what_is_read_is_what_the_judge_says(open_atlas, atlases):
    page = open_atlas()
    frames = [image for _, image in read_shard(atlases("linear, read").frames)]
    expected = read_brightness(frames).probabilities.argmax(axis=1)
    assert json.loads(page.locator("#facts").text_content())["reading"]["before"] == "".join(map(str, expected))


def test_its_yaml_passes_the_check_and_plans_codes_within(open_atlas, space, atlases, tmp_path):
    page = open_atlas()
    wanted = {"fear": [150, -170, 0.4, 0.9], "happiness": [-50, -20, 0.6, 0.6], "neutral": [-180, 180, 0, 0.05]}
    for label, values in wanted.items():
        type_region(page, label, values)
    text = unquote(page.locator("#download").get_attribute("href").partition(",")[2])
    assert page.locator("#yaml").text_content() == text
    config = configuration(1, 1)
    config["edits"] |= yaml.safe_load(text)["edits"]
    config["datasets"]["SynFaceC"] = {"synthetic": {"edit": "chosen", "like": "RAF-DB"}}
    study = Study.of(config)
    dealt = pd.DataFrame(dict.fromkeys(DEALT, ""), index=range(280))
    dealt = dealt.assign(source_id=[f"{n:03d}" for n in range(280)], label=[LABELS[n % 7] for n in range(280)])
    write_table(dealt, tmp_path / "dealt.csv")
    (tmp_path / "chosen").mkdir()
    plan_edit(
        dealt=tmp_path / "dealt.csv",
        gamut=atlases("linear, read").gamut,
        plan=tmp_path / "chosen/plan.csv",
        settings=study.settings("edits", "chosen", "plan"),
        shards=1,
    )
    plan = read_table(tmp_path / "chosen/plan.csv")
    for label in LABELS:
        start, end, low, high = wanted.get(label) or region_of(page, label)
        drawn = plan[plan["label"] == label]
        assert drawn["rho"].between(low - 1e-6, high + 1e-6).all()
        turned = (np.degrees(drawn["theta"]) - start) % 360
        width = 360 if end - start == 360 else (end - start) % 360
        assert (np.minimum(turned, 360 - turned).lt(1e-3) | (turned <= width + 1e-3)).all()


def test_a_face_of_a_run_is_the_one_on_the_page(open_atlas, space, atlases, tmp_path):
    made = atlases("linear, read")
    dealt = pd.DataFrame(dict.fromkeys(DEALT, ""), index=range(len(NAMES)))
    write_table(dealt.assign(source_id=NAMES, label="happiness"), tmp_path / "dealt.csv")
    (tmp_path / "fixed").mkdir()
    plan_edit(
        dealt=tmp_path / "dealt.csv",
        gamut=made.gamut,
        plan=tmp_path / "fixed/plan.csv",
        settings={"at": "class-mean", "rho": 1.0},
        shards=1,
    )
    edit_faces(
        frames=made.frames,
        faces=made.faces,
        plan=tmp_path / "fixed/plan.csv",
        generator=made.generator,
        edited=tmp_path / "edited.tar",
        shard=0,
        batch_size=8,
        precision="float32",
        device="cpu",
    )
    page = open_atlas(address=f"#code={space.grid.strips['happiness'][5]}")
    # As large as the generator's, with square corners, in the corner of the window.
    page.add_style_tag(
        content="body > .face { --size: 128px; position: fixed; inset: 0; z-index: 1; border-radius: 0; }"
    )
    for number, (_, face) in enumerate(read_shard(tmp_path / "edited.tar")):
        page.evaluate(f"document.body.append(document.querySelectorAll('#wall .face')[{number}].cloneNode())")
        shot = page.screenshot(clip={"x": 0, "y": 0, "width": 128, "height": 128})
        shown = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(float)
        assert shown.shape == face.shape
        assert 10 * np.log10(255**2 / np.mean((shown - face) ** 2)) > 33
        others = [np.mean((shown - other) ** 2) for _, other in read_shard(made.frames)]
        assert np.mean((shown - face) ** 2) < min(others)


def test_the_address_brings_the_view_back(open_atlas):
    page = open_atlas()
    page.locator("#wall button").nth(2).click()
    page.locator("#map").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.get_by_label("Colors show").select_option("fear")
    type_region(page, "disgust", [170, -150, 0.3, 1])
    page.get_by_role("button", name="Draw other faces").click()
    page.wait_for_function("location.hash.includes('seed=2')")
    address = page.evaluate("location.hash")
    other = open_atlas(address=address)
    drawn = "faces => faces.map(face => face.className + face.dataset.code)"
    for read in (where, lambda each: region_of(each, "disgust"), lambda each: each.locator("#yaml").inner_text()):
        assert read(page) == read(other)
    assert page.locator("#regions .face").evaluate_all(drawn) == other.locator("#regions .face").evaluate_all(drawn)
    assert other.get_by_label("Colors show").input_value() == "fear"
    assert other.said == []


def test_an_address_of_nonsense_shows_the_beginning(open_atlas):
    page = open_atlas(address="#code=99999&portrait=-1&fear=a,b,c,d&seed=x&chosen=joy&colors=red&%E0%A4%A")
    assert page.locator("#yaml").inner_text() == open_atlas().locator("#yaml").inner_text()
    assert where(page) == where(open_atlas())
    assert page.said == []


def test_the_yaml_is_copied(open_atlas):
    page = open_atlas()
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#yaml").text_content()


def test_a_gaussian_page_offers_what_such_an_edit_takes(open_atlas, atlases):
    page = open_atlas("gaussian, read")
    page.get_by_label("Drawn").select_option("class-mean")
    entry = yaml.safe_load(page.locator("#yaml").text_content())["edits"]["chosen"]
    assert entry == {"source": "ffhq", "generator": "ganmut", "at": "class-mean"}
    gamut = json.loads(atlases("gaussian, read").gamut.read_text())
    strips = grid_of(gamut).strips
    faces = page.locator("#regions li").nth(LABELS.index("sadness")).locator(".face")
    # All are at the mean, where the strip ends.
    assert set(faces.evaluate_all("faces => faces.map(face => +face.dataset.code)")) == {strips["sadness"][-1]}
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    x, _ = gamut["classes"]["happiness"]["mean"]
    # To the square of fifths, one to the right.
    assert f"x {min(round(5 * x) / 5 + 0.2, 1):.2f}".replace("-", "\u2212") in where(page)
