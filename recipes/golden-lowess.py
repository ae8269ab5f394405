"""Writes fixtures/golden/lowess.json: LOWESS curves by statsmodels 0.15.0 (numpy 2.4.6) on seeded points."""

import json
from pathlib import Path

import numpy as np
from statsmodels.nonparametric.smoothers_lowess import lowess

draw = np.random.default_rng(7)


def case(name, x, y, **options):
    curve = lowess(y, x, frac=options["frac"], it=options["it"], delta=options["delta"])
    held_out = np.linspace(np.min(x) - 1, np.max(x) + 1, 9)
    return {
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        **options,
        "curve_x": curve[:, 0].tolist(),
        "curve_y": curve[:, 1].tolist(),
        "held_out_x": held_out.tolist(),
        "held_out_y": np.interp(held_out, curve[:, 0], curve[:, 1]).tolist(),
    }


x = draw.uniform(0, 100, 60)
noise = draw.normal(0, 0.3, 60)
smooth = np.sin(x / 15) + noise
outliers = smooth.copy()
outliers[::9] += 6
lengths = draw.integers(1, 40, 80).astype(float)
rewards = 0.1 * lengths + draw.normal(0, 1, 80)

cases = [
    case("smooth", x, smooth, frac=2 / 3, it=3, delta=0.0),
    case("not robust", x, outliers, frac=0.4, it=0, delta=0.0),
    case("robust to outliers", x, outliers, frac=0.4, it=3, delta=0.0),
    case("interpolated by delta", x, smooth, frac=0.5, it=3, delta=7.5),
    case("equal lengths", lengths, rewards, frac=2 / 3, it=3, delta=0.0),
    case("equal lengths by delta", lengths, rewards, frac=0.3, it=2, delta=0.39),
    case("whole sample", x[:10], smooth[:10], frac=1.0, it=1, delta=0.0),
]
path = Path(__file__).parent.parent / "fixtures" / "golden" / "lowess.json"
path.write_text(json.dumps({"by": "statsmodels 0.15.0, numpy 2.4.6", "cases": cases}) + "\n")
