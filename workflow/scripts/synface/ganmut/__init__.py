"""GANmut (D'Apolito et al., CVPR 2021): generators, discriminators and their training."""
