"""Explanations of each sign of realism for the report."""

from __future__ import annotations

from collections.abc import Mapping

REAL: Mapping[str, str] = {
    "AllBornAtTheStart": "in life, newcomers are spread over the time",
    "AllClosed": "in life, some of what has begun is still open at the end",
    "Churn": "in life, some have left by the end",
    "Clipping": "in life, few values lie exactly at a limit",
    "Concentration": "in life, a fifth of the parents has two fifths of the rows or more",
    "DayToDayMemory": "in life, a good day is followed by another one more often than not",
    "EqualCategories": "in life, some categories are far more frequent than others",
    "EvenArrivals": "in life, newcomers do not come at even distances",
    "ExponentialGaps": "in life, what one parent does comes in clumps or in a rhythm",
    "FirstDigits": "in life, amounts over several decades begin with 1 most often",
    "FlatRetention": "in life, those who stay longer are likelier to stay on",
    "Hours": "in life, days and nights differ",
    "IdleParents": "in life, some have nothing",
    "IndependentColumns": "in life, some columns go together (0.05 or more)",
    "LeftRamp": "in life, it has been going on before the window begins",
    "MoneyTail": "in life, one amount in a hundred is above 4 times the median",
    "NoNulls": "in life, some cells are missing",
    "NoPast": "in life, some were there before the window begins",
    "PileUp": "in life, nothing heaps up at the end",
    "PricePoints": "in life, prices stand at .99, .95 or .00, or on a list",
    "RandomNulls": "in life, who is missing goes with something else (0.52 or more)",
    "Roughness": "in life, days vary more than chance alone makes them",
    "Seasons": "in life, the same weeks are high or low every year",
    "TextCycling": "in life, texts are more varied",
    "TextbookNormals": "in life, few columns follow the normal law",
    "TwinRows": "in life, two things hardly happen to one in the same microsecond: rows may have been written twice",
    "TwinCohorts": "in life, some cohorts do better than others",
    "UnequalParents": "in life, some have far more than others (1.5 or more)",
    "UnequalReferences": "in life, some are chosen far more often than others (1.5 or more)",
    "UniformNumbers": "in life, hardly any number is as likely as any other",
    "Weekdays": "in life, weekdays and weekends differ",
    "Whales": "in life, the busiest has 5 times what the median one has, or more",
    "WholeHours": "in life, few times stand on a whole hour",
}
"""By name of the sign."""
