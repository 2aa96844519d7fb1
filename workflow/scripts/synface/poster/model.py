"""POSTER, the expression classifier (Zheng et al., "POSTER: A Pyramid Cross-Fusion Transformer Network", 2023).

The layout follows the published code where it departs from the paper, so that its state-dict keys load strictly.
"""

from torch import Tensor, nn

from synface.core.emotions import LABELS
from synface.poster.fusion import HEADS, PyramidFusion
from synface.poster.ir50 import IR50, image_tokens
from synface.poster.mobilefacenet import MobileFaceNet
from synface.poster.preprocessing import halve
from synface.settings.architecture import scaled, token_grid
from synface.settings.model import PosterTraining as Published

DEPTHS = {"large": 8, "base": 6, "small": 4}  # pyramid blocks; the names are the published code's


class SqueezeExcitation(nn.Module):
    """Gate every feature by two linear layers: ``x * sigmoid(linear2(relu(linear1(x))))``."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(dimension, dimension), nn.Linear(dimension, dimension)

    def forward(self, x: Tensor) -> Tensor:
        """Map features [B, D] to the same shape."""
        return x * self.linear2(self.linear1(x).relu()).sigmoid()


class ClassificationHead(nn.Module):
    """One linear layer from features to logits."""

    def __init__(self, dimension: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(dimension, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map features [B, D] to logits [B, classes]."""
        return self.linear(x)


class Poster(nn.Module):
    """POSTER: normalized images [B, 3, input_size, input_size], float32 -> logits [B, classes].

    Attributes:
        color_order: the channel order the weights expect, ``"rgb"`` or ``"bgr"``; see `preprocessing.normalize`.
        class_names: the emotion of each logit.
        config: what the constructor needs to build the same network again.
    """

    def __init__(
        self,
        size: str = Published.size,
        classes: int = 7,
        token_mixing: bool = Published.token_mixing,
        *,
        width: float = Published.width,
        depth: int | None = Published.depth,
        input_size: int = Published.input_size,
        drop_path: float = Published.drop_path,
        freeze_landmarks: bool = Published.freeze_landmarks,
        landmark_batch_statistics: bool = Published.landmark_batch_statistics,
    ) -> None:
        """Build the network with PyTorch's default initialization.

        Args:
            size: ``"large"``, ``"base"`` or ``"small"``: 8, 6 or 4 pyramid blocks.
            classes: number of logits.
            token_mixing: the per-block convolution over tokens; published RAF-DB weights have it, AffectNet's do not.
            width: factor on all channel numbers, for small studies; 1 is the published network.
            depth: number of pyramid blocks in place of the size's.
            input_size: pixels per side; the token grid follows from it. A multiple of 32 always fits.
            drop_path: stochastic depth of the last block, rising linearly from 0 in the first.
            freeze_landmarks: the landmark network gets no gradient and keeps its statistics.
            landmark_batch_statistics: in training, normalize the landmark network by batch statistics although it is
                frozen, so that its running statistics drift. The published code does so, hardly on purpose.

        Raises:
            ValueError: unknown size, or an input size whose feature map cannot be cut into the token grid.
        """
        super().__init__()
        if size not in DEPTHS:
            raise ValueError(f"POSTER size {size!r} is unknown; expected one of {', '.join(DEPTHS)}")
        depth = DEPTHS[size] if depth is None else depth
        if depth < 1 or width <= 0 or classes < 2:
            raise ValueError(f"POSTER needs depth >= 1, width > 0 and classes >= 2; got {depth}, {width}, {classes}")
        self.config = {
            "size": size,
            "classes": classes,
            "token_mixing": token_mixing,
            "width": width,
            "depth": depth,
            "input_size": input_size,
        }
        self.color_order = "rgb"
        self.class_names = (*LABELS, *(f"class {index}" for index in range(len(LABELS), classes)))[:classes]
        self.freeze_landmarks = freeze_landmarks
        self.landmark_batch_statistics = landmark_batch_statistics

        self.face_landback = MobileFaceNet(width)
        self.ir_back = IR50(width)
        embedding = scaled(512, width, 4 * HEADS)
        grid = token_grid(input_size, self.ir_back.channels)
        if grid is None:
            raise ValueError(f"POSTER input size {input_size} does not fit its token grid; a multiple of 32 does")
        self.tokens, features = grid
        self.ir_layer = nn.Linear(features, embedding)
        self.pyramid_fuse = PyramidFusion(
            self.tokens, embedding, depth=depth, drop_path=drop_path, token_mixing=token_mixing
        )
        self.se_block = SqueezeExcitation(embedding)
        self.head = ClassificationHead(embedding, classes)
        if freeze_landmarks:
            self.face_landback.requires_grad_(False)
        self.train()

    def forward(self, images: Tensor) -> Tensor:
        """Return logits [B, classes]."""
        return self.logits_and_features(images)[0]

    def logits_and_features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [B, classes] and the features before the head [B, 512 * width]."""
        return self.classify(halve(images))

    def classify(self, seen: Tensor, landmarks: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return what `logits_and_features` does, for the pixels that the network looks at, ``halve(images)``.

        ``landmarks`` are what `landmark_tokens` gave for the same pixels, for a second pass that need not repeat it.
        """
        if landmarks is None:
            landmarks = self.landmark_tokens(seen)
        image = self.ir_layer(image_tokens(self.ir_back(seen), self.tokens))
        features = self.se_block(self.pyramid_fuse(image, landmarks.to(image.dtype)))
        return self.head(features), features

    def landmark_tokens(self, seen: Tensor) -> Tensor:
        """Return the landmark stream [B, tokens, 512 * width] of ``halve(images)``: a token per place of the map."""
        return self.face_landback(seen).flatten(2).transpose(1, 2)

    @property
    def landmarks_fixed(self) -> bool:
        """Whether `landmark_tokens` depends on the images alone, whatever the mode."""
        return self.freeze_landmarks and not self.landmark_batch_statistics

    def train(self, mode: bool = True) -> "Poster":
        """Set the mode; a frozen landmark network stays in evaluation mode."""
        super().train(mode)
        if self.landmarks_fixed:
            self.face_landback.eval()
        return self
