"""The confusion matrix as text: a matrix where it fits a terminal, else a row a class with its commonest mistakes."""

from equigait.pipeline.evaluation.score_table import WIDEST, format_confusion


def test_a_narrow_matrix_is_shown_whole() -> None:
    assert format_confusion([[3, 1], [0, 0]], classes=["walk", "trot"]) == (
        "truth \\ predicted  walk  trot   right\n"
        "walk                  3     1  75.0 %\n"
        "trot                  0     0       -"
    )


def test_a_matrix_wider_than_a_terminal_names_the_commonest_mistakes_of_each_class() -> None:
    classes = [f"activity_{number:02d}" for number in range(27)]
    confusion = [[0] * 27 for _ in classes]
    confusion[0][:7] = [4, 1, 2, 3, 1, 1, 1]
    confusion[1][1] = 5
    lines = format_confusion(confusion, classes=classes).splitlines()
    assert max(map(len, lines)) <= WIDEST
    assert len(lines) == 28
    assert lines[1].split() == [
        *("activity_00", "30.8", "%", "13", "activity_03", "3,", "activity_02", "2,", "activity_01", "1,"),
        *("activity_04", "1,", "others", "2"),
    ]
    assert lines[2].split() == ["activity_01", "100.0", "%", "5"]
