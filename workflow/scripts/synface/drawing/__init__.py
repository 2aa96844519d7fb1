"""Faces drawn from facial action units: expression, intensity, landmarks, mask and skin color are known exactly."""

from synface.drawing.face import DrawnFace, FaceParameters, draw_face, sample_face

__all__ = ["DrawnFace", "FaceParameters", "draw_face", "sample_face"]
