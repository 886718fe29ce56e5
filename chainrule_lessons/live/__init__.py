"""The live figure: sliders that move a picture at the speed of the screen."""

from chainrule_lessons.live.bet import Bet
from chainrule_lessons.live.figure import LiveFigure
from chainrule_lessons.live.pad import DigitPad
from chainrule_lessons.live.pen import Pen
from chainrule_lessons.live.slider import Slider

__all__ = ["Bet", "DigitPad", "LiveFigure", "Pen", "Slider"]
