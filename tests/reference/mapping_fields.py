"""How the parameters, states and inputs of TVB are ours: exact mean fields, Epileptors, Zetterberg–Jansen, Zerlaut.

Read by the script that asks TVB (`rhs_tvb_fields.py`) and by the test that compares. A parameter or state of ours has
the value of theirs that is called alike, unless ``renamed`` (ours -> theirs) or ``of`` (ours -> function of their
values) says otherwise; parameters in ``fixed`` have no counterpart. ``inputs`` are functions of the coupling channels c
and their values q. Of theirs, ``kept`` parameters stay at their default, ``set`` ones are given, ``still`` states are
zero, ``ranges`` and ``coupling`` replace the ranges of random values. What the test adds to our slopes because TVB
departs from the equations is in ``defect`` (ours -> function of our states and parameters). ``note`` says why.
"""

from typing import Any

POTENTIALS = {"v": "V"}
EPILEPTOR = dict(c1=lambda c, q: c[0])
ZERLAUT = dict(
    renamed={"K_ext": "K_ext_e", "p_connect": "p_connect_e", "W": "W_e"},
    fixed={"nu_ext": 0.0},
    inputs=dict(
        E_inp=lambda c, q: c[0],
        e_inp=lambda c, q: q["weight_noise"] * q["ou_drift"],
        i_inp=lambda c, q: q["weight_noise"] * q["ou_drift"],
    ),
    kept="""b_i a_i tau_w_i p_connect_e p_connect_i P_e P_i external_input_ex_ex external_input_ex_in
        external_input_in_ex external_input_in_in tau_OU weight_noise""",
    still=("W_i",),
    coupling=(0.0, 0.02),
    ranges={"ou_drift": (0.0, 0.0005)},
    note="""TVB's fast-spiking adaptation W_i is zero in the paper (di Volo et al. 2019) and absent from ours; its
    ou_drift is, at S_i = 1, an OUProcess on E_inp for us.""",
)

UNIT = """As at first order, but TVB heeds its S_i. TVB takes the derivatives of the transfer functions (by finite
differences) per Hz and multiplies them with covariances in 1/ms^2, so that first derivatives are 1e-3 and second ones
1e-6 of what the equations ask for. In the equation of C_ei it has dF_e/dE where El Boustani & Destexhe (2009) have
dF_i/dE and dF_i/dI where they have dF_e/dI, and the reverse; linear noise speaks for them (test_columns.py). The test
does both to ours."""

TVB: dict[str, dict[str, Any]] = {
    "MontbrioPazoRoxin": dict(
        ours="MontbrioPazoRoxinStep",
        module="infinite_theta",
        renamed={"delta": "Delta", **POTENTIALS},
        of={"r": lambda q: q["tau"] * q["r"]},
        inputs=dict(v_inp=lambda c, q: q["I"] + q["cr"] * c[0] + q["cv"] * c[1]),
        fixed={"Gamma": 0.0},
        note="Our rate is in units of 1/tau. TVB ignores its parameter Gamma.",
    ),
    "CoombesByrne2D": dict(
        ours="CoombesByrneStep",
        module="infinite_theta",
        renamed=POTENTIALS,
        inputs=dict(v_inp=lambda c, q: c[0]),
    ),
    "CoombesByrne": dict(
        ours="CoombesByrne4DStep",
        module="infinite_theta",
        renamed=POTENTIALS,
        inputs=dict(v_inp=lambda c, q: c[0]),
    ),
    "GastSchmidtKnosche_SD": dict(
        ours="GastSchmidtKnoscheSDStep",
        module="infinite_theta",
        renamed=POTENTIALS,
        of={"r": lambda q: q["tau"] * q["r"], "alpha": lambda q: q["alpha"] / q["tau"]},
        inputs=dict(v_inp=lambda c, q: q["I"] + q["cr"] * c[0] + q["cv"] * c[1]),
        note="Our rate is in units of 1/tau, and so is the one that alpha multiplies.",
    ),
    "GastSchmidtKnosche_SF": dict(
        ours="GastSchmidtKnoscheSFStep",
        module="infinite_theta",
        renamed=POTENTIALS,
        of={"r": lambda q: q["tau"] * q["r"], "alpha": lambda q: q["alpha"] / q["tau"]},
        inputs=dict(v_inp=lambda c, q: q["I"] + q["cr"] * c[0] + q["cv"] * c[1]),
        note="Our rate is in units of 1/tau, and so is the one that alpha multiplies.",
    ),
    "DumontGutkin": dict(
        ours="DumontGutkinStep",
        module="infinite_theta",
        inputs=dict(s_inp=lambda c, q: c[0], V_e_inp=lambda c, q: q["I_e"], V_i_inp=lambda c, q: q["I_i"]),
    ),
    "Epileptor": dict(
        ours="EpileptorStep",
        module="epileptor",
        fixed={"modification": 0.0},
        inputs=dict(c2=lambda c, q: c[1], **EPILEPTOR),
        note="Our c1 and c2 are TVB's coupling; x1_inp and x2_inp enter as they are. TVB ignores its parameter s.",
    ),
    "Epileptor modified": dict(
        ours="EpileptorStep",
        module="epileptor",
        set={"modification": True},
        fixed={"modification": 1.0},
        inputs=dict(c2=lambda c, q: c[1], **EPILEPTOR),
    ),
    "Epileptor2D": dict(ours="Epileptor2DStep", module="epileptor", fixed={"modification": 0.0}, inputs=EPILEPTOR),
    "Epileptor2D modified": dict(
        ours="Epileptor2DStep",
        module="epileptor",
        set={"modification": True},
        fixed={"modification": 1.0},
        inputs=EPILEPTOR,
    ),
    "EpileptorRestingState": dict(
        ours="EpileptorRestingStateStep",
        module="epileptor_rs",
        inputs=dict(c2=lambda c, q: c[1], x_rs_inp=lambda c, q: c[2], **EPILEPTOR),
        note="TVB's p mixes the two signals outside the equations; TVB ignores its parameter s.",
    ),
    "EpileptorCodim3": dict(
        ours="EpileptorCodim3Step",
        module="epileptorcodim3",
        fixed={"modification": 1.0},
        inputs=EPILEPTOR,
        note="modification, 1 by default as in TVB, is the seventh power that the paper does not have.",
    ),
    "EpileptorCodim3SlowMod": dict(
        ours="EpileptorCodim3SlowModStep",
        module="epileptorcodim3",
        fixed={"modification": 1.0},
        inputs=EPILEPTOR,
        ranges={"uA": (0.0, 0.3), "uB": (0.0, 0.3)},
        note="""Where mu2 < 0, TVB's resting state is the real part of two complex roots that are not conjugate, and
        no equilibrium; ours is the equilibrium. The states here have mu2 > 0.""",
    ),
    "ZetterbergJansen": dict(
        ours="ZetterbergJansenStep",
        module="jansen_rit",
        inputs=dict(v6_inp=lambda c, q: c[0]),
        defect={"y5": lambda s, p: (p["ki"] ** 2 - p["ke"] ** 2) * s["v5"]},
        note="""TVB's v6 and v7 are integrals of y2 - y3 and y4 - y5: for us Outputs, v2 - v3 and v4 - v5. In the
        equation of y5 TVB has ke^2 v5, where the kernel Hi ki t exp(-ki t) of its drive has ki^2 v5.""",
    ),
    "ZerlautAdaptationFirstOrder": dict(
        ours="ZerlautFirstOrderStep",
        module="zerlaut",
        **{
            **ZERLAUT,
            "fixed": {"nu_ext": 0.0, "S_i": 1.0},
            "note": ZERLAUT["note"] + " TVB ignores its parameter S_i.",
        },
    ),
    "ZerlautAdaptationSecondOrder": dict(
        ours="ZerlautSecondOrderStep",
        module="zerlaut",
        unit=1e-3,
        **{**ZERLAUT, "note": UNIT},
    ),
}
