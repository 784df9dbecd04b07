"""A delayed Hopf network written as two nested NumPy loops: slow, plain, and independent of the package."""

import numpy as np

# ``term(w, source, own)`` of each edge and ``current(sum of terms, c)`` of each region; ``c`` holds the constants.
COUPLINGS = {
    "diffusive": (lambda w, source, own, c: w * (source - own), lambda total, c: c["k"] * total),
    "additive": (lambda w, source, own, c: w * source, lambda total, c: c["k"] * total + c["b"]),
    "laplacian": (lambda w, source, own, c: w * source - w * own, lambda total, c: c["k"] * total),
    "sigmoidal": (
        lambda w, source, own, c: w * source,
        lambda total, c: c["k"] / (1 + np.exp(-c["slope"] * (c["a"] * total + c["b"] - c["midpoint"]))),
    ),
    "tanh": (lambda w, source, own, c: w * source, lambda total, c: c["k"] * np.tanh(c["scale"] * total)),
    "sigmoidal_jansen_rit": (
        lambda w, source, own, c: (
            w * (c["cmin"] + (c["cmax"] - c["cmin"]) / (1 + np.exp(c["r"] * (c["midpoint"] - source))))
        ),
        lambda total, c: c["k"] * total,
    ),
}


def hopf_network(
    weights,
    delay_steps,
    x,
    y,
    *,
    a,
    w,
    beta,
    k,
    dt,
    steps,
    method="euler",
    history=None,
    coupling="diffusive",
    constants=None,
):
    """States ``(steps, region)`` of x and y; ``delay_steps`` may be fractional (read between two steps).

    ``history(region, steps_before_0)`` gives x before t = 0; the initial value by default. ``k`` and ``a`` may differ
    by region; ``constants`` holds the other parameters of the coupling.
    """
    n = len(x)
    k, a = np.broadcast_to(k, n), np.broadcast_to(a, n)
    term, current_of = COUPLINGS[coupling]
    c = [{"k": k[i], **(constants or {})} for i in range(n)]
    xs, ys = [np.array(x, float)], [np.array(y, float)]

    def past(j, t, d):
        below = int(np.floor(d))
        part = d - below

        def at(q):
            return xs[q][j] if q >= 0 else (xs[0][j] if history is None else history(j, -q))

        return (1 - part) * at(t - below) + (part * at(t - below - 1) if part else 0.0)

    for t in range(steps):
        x_now, y_now = xs[t], ys[t]
        new_x, new_y = np.empty(n), np.empty(n)
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += term(weights[i, j], past(j, t, delay_steps[i, j]), x_now[i], c[i])
            current = current_of(total, c[i])
            growth = a[i] - beta * (x_now[i] ** 2 + y_now[i] ** 2)
            fx = growth * x_now[i] - w * y_now[i] + current
            fy = growth * y_now[i] + w * x_now[i]
            if method == "euler":
                new_x[i], new_y[i] = x_now[i] + dt * fx, y_now[i] + dt * fy
            else:  # exponential Euler in the own variable
                jx = growth - 2 * beta * x_now[i] ** 2
                jy = growth - 2 * beta * y_now[i] ** 2
                new_x[i] = x_now[i] + np.expm1(jx * dt) / jx * fx
                new_y[i] = y_now[i] + np.expm1(jy * dt) / jy * fy
        xs.append(new_x)
        ys.append(new_y)
    return np.array(xs[1:]), np.array(ys[1:])
