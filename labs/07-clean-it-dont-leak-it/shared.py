"""What the check and the probe have in common."""


def has_seen_the_exam(model, known, exam, column):
    """Whether a model is what its own recipe learns from files that hold the exam, not from `known` alone.

    The recipe learns again from both; one that was only given fewer known files stays nearer to `known`.
    """
    import numpy as np
    import pandas as pd
    from sklearn.base import clone

    try:
        said = np.asarray(model.predict(exam), float).ravel()

        def apart(files):
            again = clone(model).fit(files, files[column]).predict(exam)
            return float(np.abs(np.asarray(again, float).ravel() - said).mean())

        fair = apart(known)
        return fair > 1e-6 and min(apart(pd.concat([known, exam])), apart(exam)) < 0.2 * fair
    except Exception:
        return False
