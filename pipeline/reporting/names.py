"""What readers call the contenders."""

OURS = "Pretrained with film"
CONTROL_NAMES = {
    "random-init": "Untrained network",
    "spectral": "Spectral features",
    "spectral-svm": "Spectral features, kernel",
    "supervised": "Trained from scratch",
    "teacher": "Film itself (teacher)",
}
"""Of the controls."""
JUDGE_NAMES = {
    "knn": "Pretrained, neighbours",
    "rbf-svm": "Pretrained, kernel",
    "fine-tuned": "Pretrained, fine-tuned",
}
"""Of other judges of the pretrained student."""
FEW_SHOT_NAMES = {
    "pretrained": OURS,
    "scratch": CONTROL_NAMES["supervised"],
    "random-init": CONTROL_NAMES["random-init"],
    "spectral": CONTROL_NAMES["spectral"],
    "fine-tuned": JUDGE_NAMES["fine-tuned"],
}
"""Of those who learn from few labels, in the order of their colours."""
