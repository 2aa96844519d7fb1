"""A face and its geometry: boxes, points, the detector, where skin is."""
