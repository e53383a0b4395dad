"""A bar on a terminal, lines in a log."""

import io
import logging

import pytest

from reprodx.training.progress import Progress


class Terminal(io.StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def run(num_epochs: int) -> None:
    with Progress(num_epochs, 5, num_done=0) as progress:
        for epoch in range(1, num_epochs + 1):
            progress.advance(5)
            progress.finish_epoch(epoch, {"val/loss": 1 / epoch})


@pytest.mark.parametrize("num_epochs", [1, 7, 10, 200, 999])
def test_a_log_gets_about_ten_lines(monkeypatch, caplog, num_epochs):
    terminal = Terminal(is_terminal=False)
    monkeypatch.setattr("sys.stderr", terminal)
    with caplog.at_level(logging.INFO):
        run(num_epochs)

    assert terminal.getvalue() == ""
    assert min(num_epochs, 5) <= len(caplog.messages) <= 12
    assert caplog.messages[-1] == f"epoch {num_epochs} of {num_epochs}: val/loss {1 / num_epochs:.4g}"


def test_a_terminal_gets_a_bar_and_no_lines(monkeypatch, caplog):
    terminal = Terminal(is_terminal=True)
    monkeypatch.setattr("sys.stderr", terminal)
    with caplog.at_level(logging.INFO):
        run(20)

    assert "epoch 1/20" in terminal.getvalue()
    assert "batch" in terminal.getvalue()
    assert not caplog.messages
