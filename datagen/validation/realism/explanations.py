"""Explanations of each realism test for the report."""

from __future__ import annotations

from collections.abc import Mapping

REAL: Mapping[str, str] = {
    "AllBornAtTheStart": "in real data, arrivals are spread over the window",
    "AllClosed": "in real data, some rows are still open at the end",
    "Churn": "in real data, some parents have left by the end",
    "Clipping": "in real data, few values are exactly at a limit",
    "Concentration": "in real data, a fifth of the parents has two fifths of the rows or more",
    "DayToDayMemory": "in real data, successive days are correlated",
    "EqualCategories": "in real data, some categories are far more frequent than others",
    "EvenArrivals": "in real data, arrivals are not equidistant",
    "ExponentialGaps": "in real data, the events of one parent are clustered or rhythmic",
    "FirstDigits": "in real data, amounts over several decades begin with 1 most often",
    "FlatRetention": "in real data, the chance to stay grows with tenure",
    "Hours": "in real data, days and nights differ",
    "IdleParents": "in real data, some parents have no rows",
    "IndependentColumns": "in real data, some columns are associated (0.05 or more)",
    "LeftRamp": "in real data, activity does not start with the window",
    "MoneyTail": "in real data, one amount in a hundred is above 4 times the median",
    "NoNulls": "in real data, some cells are missing",
    "NoPast": "in real data, some rows are older than the window",
    "PileUp": "in real data, rows do not pile up at the end",
    "PricePoints": "in real data, prices end in .99, .95 or .00, or repeat",
    "RandomNulls": "in real data, missing cells depend on another column (0.52 or more)",
    "Roughness": "in real data, days vary more than by chance",
    "Seasons": "in real data, the same weeks are high or low every year",
    "TextCycling": "in real data, texts are more varied",
    "TextbookNormals": "in real data, few columns are normal",
    "TwinRows": "in real data, one parent hardly has two events in the same microsecond: rows may be duplicated",
    "TwinCohorts": "in real data, some cohorts do better than others",
    "UnequalParents": "in real data, some parents have far more rows than others (1.5 or more)",
    "UnequalReferences": "in real data, some rows are chosen far more often than others (1.5 or more)",
    "UniformNumbers": "in real data, numbers are rarely uniform",
    "Weekdays": "in real data, weekdays and weekends differ",
    "Whales": "in real data, the most active parent has 5 times the rows of the median one, or more",
    "WholeHours": "in real data, few times are on a whole hour",
}
"""Explanations by name of the test."""
