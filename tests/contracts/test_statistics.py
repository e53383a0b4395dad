"""The numbers that a statistician would check first: published ones, through the command where it says them.

Each test names the source. What the command does not print comes from the functions that it calls.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from scipy.stats import chi2, norm
from sklearn.datasets import load_breast_cancer, load_wine, make_moons
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from reprodx.comparison.resampled import corrected_resampled_t
from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.auroc import AUROC, hanley_mcneil_se
from reprodx.metrics.measured import measured, sampling_variance
from reprodx.metrics.multiplicity import benjamini_hochberg, holm
from reprodx.metrics.newcombe import square_and_add
from reprodx.metrics.wilson import proportion
from tests.prediction_tables import CLASSES, compare, pair, write_classes, write_csv, write_run
from tests.scored import asked, scored, table
from tests.settings import score_settings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Z = float(norm.ppf(0.975))


class TwoModels(NamedTuple):
    is_positive: NDArray[np.bool_]
    logistic: NDArray[np.float64]
    forest: NDArray[np.float64]


@pytest.fixture(scope="module")
def out_of_fold() -> TwoModels:
    """Probabilities of malignancy, as `statistics` of the house was measured with."""
    features, benign = load_breast_cancer(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    forest = RandomForestClassifier(300, random_state=0)
    probs = (
        cross_val_predict(model, features, 1 - benign, cv=folds, method="predict_proba")[:, 1]
        for model in (logistic, forest)
    )
    return TwoModels(benign == 0, *probs)


@pytest.fixture(scope="module")
def breast_cancer(out_of_fold: TwoModels, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The command's numbers, the forest being the reference."""
    folder = tmp_path_factory.mktemp("breast")
    forest = write_csv(folder / "forest.csv", out_of_fold.is_positive, out_of_fold.forest)
    logistic = write_csv(folder / "logistic.csv", out_of_fold.is_positive, out_of_fold.logistic)
    return compare(forest, logistic, resamples=400)


def se_of_area(estimate: dict[str, Any], quantile: float = Z) -> float:
    """Return the standard error that an interval on the logit scale was made of."""
    low, high = (math.log(limit / (1 - limit)) for limit in estimate["ci"])
    return (high - low) / (2 * quantile) * estimate["value"] * (1 - estimate["value"])


def se_of_difference(difference: dict[str, Any]) -> float:
    return (difference["ci"][1] - difference["ci"][0]) / (2 * Z)


# --- Breast cancer, out of fold (scikit-learn 1.9; pROC 1.18 and rms give the same numbers) ---


def test_breast_cancer_areas(breast_cancer: dict[str, Any]) -> None:
    estimates = breast_cancer["metrics"]["auroc"]["estimates"]
    assert estimates["logistic"]["value"] == pytest.approx(0.9952830189, abs=5e-11)
    assert estimates["forest"]["value"] == pytest.approx(0.9906981661, abs=5e-11)
    assert se_of_area(estimates["logistic"]) ** 2 == pytest.approx(5.971411e-06, abs=5e-13)


def test_breast_cancer_delong_variance(out_of_fold: TwoModels) -> None:
    cases = asked(out_of_fold.is_positive, out_of_fold.logistic)
    variance, _ = sampling_variance(measured(AUROC, View.BINARY, [cases], score_settings()))
    assert variance == pytest.approx(5.971411e-06, abs=5e-13)


def test_breast_cancer_paired_delong(breast_cancer: dict[str, Any]) -> None:
    found = pair(breast_cancer)
    assert (found["first"], found["second"]) == ("logistic", "forest")
    assert found["statistic"] == pytest.approx(1.400170, abs=5e-7)
    assert found["p"] == pytest.approx(0.161463, abs=5e-7)
    assert found["ci"] == pytest.approx([-0.001833, 0.011003], abs=5e-7)
    assert breast_cancer["overall"]["statistic"] == pytest.approx(1.400170**2, abs=5e-6)
    assert (breast_cancer["n"], found["n_events"]) == (569, 212)


def test_breast_cancer_calibration(breast_cancer: dict[str, Any], out_of_fold: TwoModels) -> None:
    metrics = breast_cancer["metrics"]
    assert metrics["brier"]["estimates"]["logistic"]["value"] == pytest.approx(0.0195033, abs=5e-8)
    assert metrics["calibration_slope"]["estimates"]["logistic"]["value"] == pytest.approx(1.227387, abs=5e-7)
    assert metrics["calibration_in_the_large"]["estimates"]["logistic"]["value"] == pytest.approx(0.087661, abs=5e-7)
    assert metrics["ici"]["estimates"]["logistic"]["value"] == pytest.approx(0.007980, abs=5e-7)
    slope = metrics["calibration_slope"]["estimates"]["logistic"]
    assert (slope["ci"][1] - slope["ci"][0]) / (2 * norm.ppf(0.975)) == pytest.approx(0.181638, abs=5e-7)


# --- McNemar and Newcombe ---


def write_calls(folder: Path, both: int, first_alone: int, second_alone: int, neither: int) -> tuple[Path, Path]:
    """Write two models of positive cases alone, which are right or wrong as a table of pairs says."""
    counts = [both, first_alone, second_alone, neither]
    files = [
        write_csv(folder / f"{name}.csv", np.ones(sum(counts)), probs, prob_0=1 - probs)
        for name, right in (("second", [1, 0, 1, 0]), ("first", [1, 1, 0, 0]))
        for probs in [np.repeat(right, counts)]
    ]
    return files[0], files[1]


def test_mcnemar_of_nine_discordant_cases(tmp_path: Path) -> None:
    """B = 1, c = 8: the exact p is 2 * (1 + 9) / 512, the mid-p that less 9 / 512."""
    found = pair(compare(*write_calls(tmp_path, 20, 1, 8, 20), "--metric", "accuracy"), "accuracy")
    assert found["discordant"] == [1, 8]
    assert found["p"] == pytest.approx(0.0390625, abs=1e-12)
    assert found["mid_p"] == pytest.approx(0.0214843750, abs=1e-12)


def test_mcnemar_of_agrestis_approval_ratings(tmp_path: Path) -> None:
    """Agresti, Categorical Data Analysis, 2002, table 10.1."""
    numbers = compare(*write_calls(tmp_path, 794, 150, 86, 570), "--metric", "accuracy")
    found = pair(numbers, "accuracy")
    assert found["statistic"] ** 2 == pytest.approx(17.355932, abs=5e-7)
    assert chi2.sf(found["statistic"] ** 2, 1) == pytest.approx(3.099293e-05, rel=5e-7)
    assert found["p"] == pytest.approx(3.715936e-05, rel=5e-7)
    first_alone, second_alone = found["discordant"]
    corrected = (abs(first_alone - second_alone) - 1) ** 2 / (first_alone + second_alone)
    assert corrected == pytest.approx(16.817797, abs=5e-7)
    assert numbers["verdicts"][0]["verdict"] == "superior"
    assert numbers["metrics"]["auroc"]["pairs"][0]["reason"] == "one class only: no negative case"


def test_mcnemar_of_airway_hyper_responsiveness(tmp_path: Path) -> None:
    """Fagerland, Lydersen & Laake, BMC Med Res Methodol 2013;13:91, table 2: 1, 1, 7, 12 of 21 children."""
    found = pair(compare(*write_calls(tmp_path, 1, 1, 7, 12), "--metric", "accuracy"), "accuracy")
    assert (round(found["p"], 4), round(found["mid_p"], 4)) == (0.0703, 0.0391)


def test_newcombe_of_a_paired_difference(tmp_path: Path) -> None:
    """Cavo et al. 2012: 59, 6, 16, 80, as the R package contingencytables 3.1 prints it (chapter 8)."""
    found = pair(compare(*write_calls(tmp_path, 59, 6, 16, 80), "--metric", "sensitivity"), "sensitivity")
    assert found["value"] == pytest.approx(-0.0621, abs=5e-5)
    assert found["ci"] == pytest.approx([-0.1186, -0.0046], abs=5e-5)


def test_newcombe_of_an_independent_difference() -> None:
    """Newcombe, Stat Med 1998;17:873, table II (a), method 10: 56/70 - 48/80."""
    found = square_and_add((56, 70), (48, 80), correlation=0, confidence_level=0.95)
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("hits", "n", "interval", "limits"),
    [
        (81, 263, "wilson", (0.2553, 0.3662)),
        (81, 263, "clopper_pearson", (0.2527, 0.3676)),
        (0, 20, "wilson", (0.0, 0.1611)),
    ],
)
def test_newcombe_of_one_proportion(hits: int, n: int, interval: Any, limits: tuple[float, float]) -> None:
    """Newcombe, Stat Med 1998;17:857, table I."""
    found = proportion(hits, n, n_events=None, confidence_level=0.95, interval=interval)
    assert (found.ci_low, found.ci_high) == pytest.approx(limits, abs=5e-5)


def test_wilson_of_one_proportion_by_the_command(tmp_path: Path) -> None:
    """81 of 263 again: the sensitivity that the command says, of which the reference's is 0 of 263."""
    numbers = compare(*write_calls(tmp_path, 0, 81, 0, 182), "--metric", "sensitivity")
    assert numbers["metrics"]["sensitivity"]["estimates"]["first"]["ci"] == pytest.approx([0.2553, 0.3662], abs=5e-5)


# --- Several tests ---


def test_holm_and_benjamini_hochberg() -> None:
    """Benjamini & Hochberg's p values as R's `p.adjust` adjusts them."""
    raw = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]
    assert holm(raw) == pytest.approx([0.008, 0.056, *[0.234] * 6])
    assert benjamini_hochberg(raw) == pytest.approx([0.008, 0.032, *[0.0672] * 3, 0.08, 0.0845714, 0.205], abs=5e-8)


# --- Areas under the ROC curve ---


def test_hanley_mcneil_ct_ratings(tmp_path: Path) -> None:
    """Hanley & McNeil, Radiology 1982;143:29, table I: 109 images rated 1 (normal) to 5 (abnormal)."""
    normals, abnormals = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    ratings = np.concatenate([np.repeat(np.arange(1.0, 6.0), counts) for counts in (normals, abnormals)])
    is_abnormal = np.repeat([False, True], [58, 51])
    reader = write_csv(tmp_path / "reader.csv", is_abnormal, (ratings - 1) / 4)
    coin = write_csv(tmp_path / "coin.csv", is_abnormal, np.full(109, 0.5))
    numbers = compare(coin, reader)
    found = numbers["metrics"]["auroc"]["estimates"]["reader"]
    assert found["value"] == pytest.approx(0.8931710615, abs=5e-11)
    assert se_of_area(found) == pytest.approx(0.0307244, abs=5e-8)
    assert se_of_difference(pair(numbers)) == pytest.approx(0.0307244, abs=5e-8)
    assert hanley_mcneil_se(found["value"], 51, 58) == pytest.approx(0.0324866, abs=5e-8)


OVARIAN_CANCER = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0  1.6 5.6 5 1  3.8 5.7 5 1
3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1  4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0
4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1  3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1
4.3 6.5 4 1  3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1  3.5 6.2 5 1
2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1  3.6 6.6 5 1
"""
"""Albumin, total protein, K-G score and survival of 43 patients: DeLong, DeLong & Clarke-Pearson 1988."""


def test_delongs_own_example(tmp_path: Path) -> None:
    """The example of DeLong et al., Biometrics 1988;44:837, as SAS/STAT prints it (PROC LOGISTIC, example 8)."""
    albumin, protein, score, survived = np.array(OVARIAN_CANCER.split(), dtype=float).reshape(-1, 4).T
    tests = {"score": score / 10, "albumin": 1 - albumin / 10, "protein": 1 - protein / 10}
    numbers = compare(*[write_csv(tmp_path / f"{name}.csv", survived == 0, probs) for name, probs in tests.items()])
    estimates = numbers["metrics"]["auroc"]["estimates"]
    published = {"albumin": (0.7366, 0.0927), "score": (0.7258, 0.1028), "protein": (0.6478, 0.1000)}
    for name, (area, se) in published.items():
        assert estimates[name]["value"] == pytest.approx(area, abs=5e-5)
        # Of twelve deaths, and so with t.
        assert se_of_area(estimates[name]) == pytest.approx(se, abs=5e-5)
    to_score = [pair(numbers, first=place) for place in (0, 1)]
    assert [one["first"] for one in to_score] == ["albumin", "protein"]
    assert [one["value"] for one in to_score] == pytest.approx([0.0108, -0.0780], abs=5e-5)
    assert [se_of_difference(one) for one in to_score] == pytest.approx([0.0953, 0.1046], abs=5e-5)
    assert [one["statistic"] ** 2 for one in to_score] == pytest.approx([0.0127, 0.5554], abs=5e-5)
    assert [one["p"] for one in to_score] == pytest.approx([0.9102, 0.4561], abs=5e-5)
    assert to_score[0]["ci"] == pytest.approx([-0.1761, 0.1976], abs=5e-5)
    assert to_score[1]["ci"] == pytest.approx([-0.2830, 0.1271], abs=5e-5)
    overall = numbers["overall"]
    assert (overall["degrees_of_freedom"], overall["statistic"]) == (2, pytest.approx(2.5340, abs=5e-5))
    assert overall["p"] == pytest.approx(0.2817, abs=5e-5)


def test_areas_of_several_classes(tmp_path: Path) -> None:
    """Macro one-vs-rest and Hand and Till's M, as scikit-learn has them."""
    features, targets = load_wine(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scaled, plain = (
        cross_val_predict(model, features[:, :3], targets, cv=folds, method="predict_proba")
        for model in (make_pipeline(StandardScaler(), LogisticRegression()), RandomForestClassifier(50, random_state=0))
    )
    files = [
        write_classes(tmp_path / f"{name}.csv", targets, probs, "abc") for name, probs in (("a", plain), ("b", scaled))
    ]
    metrics = compare(*files)["metrics"]
    for name, probs in (("a", plain), ("b", scaled)):
        for metric, kind in (("auroc", "ovr"), ("hand_till", "ovo")):
            expected = roc_auc_score(targets, probs, multi_class=kind)
            assert metrics[metric]["estimates"][name]["value"] == pytest.approx(expected, abs=1e-12)


# --- Agreement, predictive values, net benefit ---


def write_table(folder: Path, counts: NDArray[np.int64], **metadata: object) -> list[Path]:
    """Write a table of true (rows) by called class as a model's answers, after a model that calls all the first."""
    targets, called = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape))
    classes = [f"grade{number}" for number in range(len(counts))]
    answers = {"constant": np.zeros_like(called), "rater": called}
    return [
        write_run(
            folder / f"{name}.parquet", targets, np.eye(len(counts))[said], name=name, classes=classes, **metadata
        )
        for name, said in answers.items()
    ]


def test_cohens_kappa_of_cohens_diagnoses(tmp_path: Path) -> None:
    """Cohen, Psychol Bull 1968;70:213, table 1, of 200 diagnoses: .492, as the R package psych recalls."""
    counts = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    files = write_table(tmp_path, counts, threshold=None)
    found = compare(*files, "--metric", "kappa")["metrics"]["kappa"]["estimates"]
    assert found["rater"]["value"] == pytest.approx(0.492, abs=5e-4)
    assert found["constant"]["value"] == 0


def test_quadratic_kappa_of_gwets_abstractors(tmp_path: Path) -> None:
    """Gwet, Handbook of Inter-Rater Reliability, 4th ed.; R package irrCAC 1.0, cont3x3abstractors."""
    counts = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    files = write_table(tmp_path, counts, task="ordinal", threshold=None)
    found = compare(*files, "--metric", "kappa")["metrics"]["kappa"]["estimates"]["rater"]
    assert found["value"] == pytest.approx(0.8921569, abs=5e-8)


def test_predictive_values_of_liver_scans_elsewhere() -> None:
    """Altman & Bland, BMJ 1994;309:102: at a prevalence of .25 they are .45 and .95."""
    scans = table(54, 32, 27, 231)
    for name, published in (("ppv_at_prevalence", 0.45), ("npv_at_prevalence", 0.95)):
        assert scored(name, scans, prevalence=0.25).value == pytest.approx(published, abs=5e-3)
    assert scored("ppv", scans).value == pytest.approx(231 / 263)


def test_likelihood_ratios_with_simels_interval() -> None:
    """R package epiR, `epi.tests` of 670, 202, 74, 640 (Scott et al. 2008); Simel et al., J Clin Epidemiol 1991."""
    published = {
        "lr_positive": (3.75, 3.32, 4.24),
        "lr_negative": (0.13, 0.11, 0.16),
        "sensitivity": (0.90, 0.88, 0.92),
        "specificity": (0.76, 0.73, 0.79),
    }
    for name, numbers in published.items():
        found = scored(name, table(640, 202, 74, 670), proportion_interval="clopper_pearson")
        assert (found.value, found.ci_low, found.ci_high) == pytest.approx(numbers, abs=5e-3)


@pytest.mark.parametrize(("threshold", "benefit"), [(0.1, 0.222), (0.2, 0.125), (0.5, -0.4), (0.9, -6.0)])
def test_net_benefit_of_treating_all(tmp_path: Path, threshold: float, benefit: float) -> None:
    """Table 4 of PMC6993280, of patients three tenths of whom have the disease; treating none is worth 0."""
    truth = np.repeat([1, 0], [3, 7])
    none, everybody = (
        write_csv(tmp_path / f"{name}.csv", truth, np.full(10, p)) for name, p in (("no", 0), ("yes", 1))
    )
    numbers = compare(none, everybody, "--metric", "net_benefit", "--decision-threshold", threshold)
    assert pair(numbers, "net_benefit")["value"] == pytest.approx(benefit, abs=5e-4)
    assert numbers["metrics"]["net_benefit"]["estimates"]["no"]["value"] == 0


# --- Cross-validation ---


def test_nadeau_bengio_of_two_kernels() -> None:
    """scikit-learn's example "Statistical comparison of models using grid search": t .750, one-sided p .227."""
    features, targets = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    curved, straight = (
        cross_val_score(SVC(kernel=kernel, random_state=0), features, targets, cv=folds, scoring="roc_auc")
        for kernel in ("rbf", "linear")
    )
    found = corrected_resampled_t(curved - straight, num_train=90, num_test=10, confidence_level=0.95)
    assert found.statistic == pytest.approx(0.750, abs=5e-4)
    assert found.p_value / 2 == pytest.approx(0.227, abs=5e-4)


# --- Properties ---


def noisy(seed: int, num_cases: int = 120) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return balanced classes and the probabilities of two models, of which the first is better."""
    rng = np.random.default_rng(seed)
    truth = np.arange(num_cases) % 2
    logits = [worth * truth + rng.normal(size=num_cases) for worth in (1.5, 1.0)]
    better, worse = (1 / (1 + np.exp(-row)) for row in logits)
    return truth, better, worse


def test_a_model_is_no_other_than_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, probs, _ = noisy(0)
    first, twin, bent = (
        write_csv(tmp_path / f"{name}.csv", truth, said) for name, said in (("a", probs), ("b", probs), ("c", probs**2))
    )
    with pytest.raises(FileNotFoundError):
        compare(first, twin, exit_code=2)
    assert "predict the same (b as a)" in capsys.readouterr().err
    # What ranks alike is one model to a rank statistic, and no other number says that they are one.
    numbers = compare(first, bent, "--require", "non-inferior")
    found = pair(numbers)
    assert (found["value"], found["ci"], found["statistic"], found["p"]) == (0, [0, 0], 0, 1)
    assert numbers["verdicts"][0]["verdict"] == "non-inferior"
    is_one = {name: metric["pairs"][0]["p"] == 1 for name, metric in numbers["metrics"].items()}
    assert (is_one["auroc"], is_one["average_precision"], is_one["brier"]) == (True, True, False)


def test_a_monotone_transform_changes_no_rank_statistic(tmp_path: Path) -> None:
    truth, better, worse = noisy(1)
    reference = write_csv(tmp_path / "reference.csv", truth, worse)
    plain = compare(reference, write_csv(tmp_path / "other.csv", truth, better))["metrics"]
    bent = compare(reference, write_csv(tmp_path / "other.csv", truth, better**3 / 2))["metrics"]
    for name in ("auroc", "average_precision"):
        assert bent[name]["estimates"] == plain[name]["estimates"]
        for key in ("value", "ci", "statistic", "p"):
            assert bent[name]["pairs"][0][key] == plain[name]["pairs"][0][key]
    assert bent["brier"]["pairs"][0]["value"] != plain["brier"]["pairs"][0]["value"]


def test_swapping_labels_and_scores_changes_no_area(tmp_path: Path) -> None:
    truth, better, worse = noisy(2, 121)
    files = [write_csv(tmp_path / f"{name}.csv", truth, probs) for name, probs in (("a", worse), ("b", better))]
    straight = compare(*files)["metrics"]
    swapped = compare(*files, "--positive", 0)["metrics"]
    for key in ("value", "ci", "statistic", "p"):
        assert swapped["auroc"]["pairs"][0][key] == pytest.approx(straight["auroc"]["pairs"][0][key])
    assert swapped["brier"]["pairs"][0]["value"] == pytest.approx(straight["brier"]["pairs"][0]["value"])
    of_b = [one["average_precision"]["estimates"]["b"]["value"] for one in (straight, swapped)]
    assert abs(of_b[0] - of_b[1]) > 1e-3


def test_a_case_that_is_there_twice_counts_once_by_patient(tmp_path: Path) -> None:
    """Independent DeLong takes it for two: the standard error falls by sqrt((2m - 1) / (m - 1)) for m of each class."""
    truth, better, worse = noisy(3)
    patients = [f"patient{number}" for number in range(120)]

    def run(times: int, **columns: list[str]) -> dict[str, Any]:
        files = [
            write_csv(tmp_path / f"{name}.csv", np.tile(truth, times), np.tile(probs, times), **columns)
            for name, probs in (("a", worse), ("b", better))
        ]
        return compare(*files)

    once, twice, clustered = run(1), run(2), run(2, patient_id=patients * 2)
    shrunk = math.sqrt((2 * 60 - 1) / (60 - 1))
    assert se_of_difference(pair(once)) / se_of_difference(pair(twice)) == pytest.approx(shrunk)
    assert se_of_difference(pair(clustered)) == pytest.approx(se_of_difference(pair(once)))
    for name in "ab":
        areas = [numbers["metrics"]["auroc"]["estimates"][name] for numbers in (once, twice, clustered)]
        assert se_of_area(areas[0]) / se_of_area(areas[1]) == pytest.approx(shrunk)
        assert se_of_area(areas[2]) == pytest.approx(se_of_area(areas[0]))
    assert (clustered["n"], clustered["n_patients"], once["n_patients"]) == (240, 120, None)


def test_ours_and_theirs_give_the_same_numbers(tmp_path: Path, out_of_fold: TwoModels) -> None:
    """A Parquet file of ours and a CSV file hold the same predictions."""
    truth, first, second = out_of_fold
    theirs = compare(*[write_csv(tmp_path / f"{n}.csv", truth, p) for n, p in (("a", second), ("b", first))])
    ours = compare(
        *[write_run(tmp_path / f"{n}.parquet", truth * 1, p, name=n) for n, p in (("a", second), ("b", first))]
    )
    assert ours["classes"] == list(CLASSES)
    for name, metric in theirs["metrics"].items():
        assert ours["metrics"][name]["pairs"] == metric["pairs"], name
