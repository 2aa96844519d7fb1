"""The report page in a real browser: it shows, reads, scrolls and prints, light and dark, on a desk and a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_world import make_page
from pypdf import PdfReader

WIDTHS = {"desk": 1400, "phone": 390}


@pytest.fixture(scope="session", params=[(1, 3), (2, 1)], ids=["3 seeds", "2 models"])
def path(request, tmp_path_factory):
    models, seeds = request.param
    return make_page(tmp_path_factory.mktemp("page"), models=models, seeds=seeds)


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture(params=list(WIDTHS))
def page(request, browser, path, scheme):
    """The page as it opens, with all that it said while loading in ``page.said``."""
    context = browser.new_context(viewport={"width": WIDTHS[request.param], "height": 900}, color_scheme=scheme)
    opened = context.new_page()
    opened.said = []
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.on("request", lambda asked: opened.said.append(asked.url) if asked.url.startswith("http") else None)
    opened.goto(path.as_uri())
    yield opened
    context.close()


def test_it_loads_without_a_word_and_every_picture_shows(page):
    assert page.said == []
    assert page.locator("img").count() >= 2
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    boxes = page.evaluate("[...document.querySelectorAll('figure svg')].map(svg => svg.getBoundingClientRect().width)")
    assert len(boxes) >= 4
    assert min(boxes) > 200


def test_it_is_not_wider_than_the_window(page):
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_axe_finds_nothing_serious(page):
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = Axe().run(page).response["violations"]
    serious = {each["id"]: each["nodes"][0]["html"] for each in found if each["impact"] in ("serious", "critical")}
    assert serious == {}


def test_the_keyboard_reaches_everything_that_scrolls(page):
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    scrolling = """[...document.querySelectorAll('main *')].filter(each =>
        each.scrollWidth > each.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX))"""
    assert page.evaluate(f"{scrolling}.every(each => each.tabIndex === 0)")
    first = page.evaluate_handle(f"{scrolling}[0]")
    if page.viewport_size["width"] == WIDTHS["phone"]:
        first.as_element().focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("each => each.scrollLeft > 0", arg=first)


def test_dark_has_no_white_slab(page, scheme):
    colors = page.evaluate(
        """[...document.querySelectorAll('body, figure svg, figure img, .finding, pre')].map(each => {
            const [red, green, blue, alpha] = getComputedStyle(each).backgroundColor.match(/[\\d.]+/g).map(Number);
            return alpha === 0 ? null : (red + green + blue) / 3 })"""
    )
    shades = [shade for shade in colors if shade is not None]
    assert (max(shades) < 60) if scheme == "dark" else (min(shades) > 200)
    # The paper that matplotlib draws under a figure.
    papers = page.evaluate(
        "[...document.querySelectorAll('figure svg [id$=patch_1] path')].map(each => getComputedStyle(each).fill)"
    )
    assert papers
    assert ("rgb(255, 255, 255)" in papers) == (scheme == "light")


def test_the_answers_stand_on_the_first_screen_of_a_desk(page):
    place = page.locator("#answers").bounding_box()
    assert place["y"] < (900 if page.viewport_size["width"] == WIDTHS["desk"] else 1600)
    assert page.locator("section.answer").count() == 2


def test_synthetic_tests_are_folded_and_real_ones_are_not(page):
    heads = page.locator("table.matrix").first.locator("thead th").all_inner_texts()
    assert "SynFace15V" not in " ".join(heads)
    folded = page.locator("details:not([open]) table.matrix")
    assert folded.count() > 0
    assert not folded.first.is_visible()


def test_print_has_every_table_and_picture_and_cuts_nothing(browser, path, tmp_path):
    context = browser.new_context(viewport={"width": 1060, "height": 750})  # A4 landscape within its margins
    page = context.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    cut = page.evaluate(
        """[...document.querySelectorAll('table, figure svg, figure img')].filter(each =>
            each.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length"""
    )
    assert cut == 0
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True, print_background=True)
    sheets = PdfReader(tmp_path / "page.pdf").pages
    text = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    pictures = sum(len(sheet.images) for sheet in sheets)
    assert "Every contrast of results/tables/comparisons.csv" in text  # folded on the screen
    assert "Holm: A Simple Sequentially Rejective Multiple Test Procedure" in text
    assert pictures >= 2
    context.close()
