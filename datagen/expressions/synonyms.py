"""Hints for functions of other SQL dialects, by meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_DRAWN = "RANDOM() is uniform; for other distributions read a column, such as one of type 'uniform' or 'normal'"
_NOW = "the data does not depend on the date of the run: write a date, or read a column of times"
_SHIFT = "write x + INTERVAL '3' DAY"
_PATTERN = "LIKE compares with a pattern; a column of type 'pattern' makes texts by one"
_CAST = "write CAST(x AS VARCHAR), CAST(x AS INTEGER), CAST(x AS DATE) ..."
_SINGLE = "a cell holds a single value: give the items a table of their own below this one"
_NO_TEXT = "use LEFT, RIGHT and SUBSTRING, or make the parts columns of their own"
_NO_HASH = "for identifiers there are columns of type 'uuid', 'key' and 'pattern'"

_MEANT = (
    (
        _DRAWN,
        ("RANDN RANDOM_NORMAL RANDBETWEEN RAND_BETWEEN RANDOM_INT UNIFORM NORMAL GAUSSIAN RANDSTR SETSEED SAMPLE"),
    ),
    (
        _NOW,
        (
            "NOW TODAY GETDATE SYSDATE SYSDATETIME GETUTCDATE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP "
            "CURRENT_DATETIME LOCALTIMESTAMP"
        ),
    ),
    ("use a column of type 'uuid'", "UUID GEN_RANDOM_UUID UUID_STRING NEWID GENERATE_UUID UUIDV4 UUIDV7"),
    (
        "use a column of type 'key'",
        "NEXTVAL ROW_NUMBER ROWNUM IDENTITY SEQ SEQUENCE MONOTONICALLY_INCREASING_ID AUTOINCREMENT",
    ),
    ("write COALESCE(x, y) for a value instead of NULL, or the condition x IS NULL", "ISNULL IS_NULL ISNA"),
    ("write COALESCE(x, 0)", "ZEROIFNULL IFNA NZ NVL2"),
    ("write CASE x WHEN 1 THEN 2 ELSE 3 END", "DECODE SWITCH CHOOSE MAP_VALUES"),
    ("use STRFTIME(x, '%Y-%m-%d')", "TO_CHAR DATE_FORMAT FORMAT_DATE FORMAT_TIMESTAMP DATETIME_FORMAT"),
    ("CAST to text keeps the decimals; join texts with ||", "FORMAT PRINTF FORMAT_NUMBER"),
    (
        _SHIFT,
        (
            "DATEADD DATE_ADD DATE_SUB TIMESTAMPADD TIMESTAMP_ADD ADD_MONTHS DATETIME_ADD DATEADD_DAYS INTERVAL "
            "TS_OR_DS_ADD"
        ),
    ),
    ("use DATE_DIFF('day', a, b)", "TIMESTAMPDIFF TIMESTAMP_DIFF MONTHS_BETWEEN DAYS_BETWEEN AGE DATETIME_DIFF"),
    ("use EXTRACT(YEAR FROM x), or YEAR(x), MONTH(x) ...", "DATE_PART DATEPART DATENAME"),
    (
        "use DAYOFWEEK(x), 0 on Sundays, and CASE for names",
        "WEEKDAY DAYNAME ISODOW DAYOFWEEK_ISO DAY_NAME DOW DAY_OF_WEEK",
    ),
    ("use MONTH(x), and CASE for names", "MONTHNAME MONTH_NAME"),
    ("use DATE_TRUNC('week', x)", "WEEK WEEKOFYEAR ISOWEEK WEEK_OF_YEAR"),
    ("write DATE_TRUNC('month', x) + INTERVAL '1' MONTH - INTERVAL '1' DAY", "LAST_DAY EOMONTH"),
    (
        "write DATE_DIFF('second', TIMESTAMP '1970-01-01', x)",
        "EPOCH UNIX_TIMESTAMP TIME_TO_UNIX TO_UNIXTIME UNIX_SECONDS",
    ),
    (
        _CAST,
        (
            "TO_DATE TO_TIMESTAMP TO_NUMBER TO_VARCHAR STR_TO_DATE STR_TO_TIME PARSE_DATE PARSE_TIMESTAMP STR INT "
            "FLOAT STRING CONVERT BOOL TEXT"
        ),
    ),
    ("write FLOOR(x), or CEIL(x) for negative numbers", "TRUNC TRUNCATE FIX"),
    ("write FLOOR(a / b)", "DIV INTDIV INT_DIV QUOTIENT"),
    ("write POWER(x, 2)", "SQUARE"),
    ("write POWER(x, 1.0 / 3)", "CBRT"),
    ("write 3.141592653589793", "PI"),
    (_PATTERN, "REGEXP_FULL_MATCH RLIKE REGEXP_CONTAINS REGEXP SIMILAR SIMILAR_TO"),
    ("REPLACE(x, 'a', 'b') replaces a fixed text", "REGEXP_REPLACE TRANSLATE OVERLAY STUFF"),
    ("write a || ',' || b", "CONCAT_WS STRING_AGG LISTAGG JOIN"),
    ("write x LIKE '%a%'", "CONTAINS INSTR CHARINDEX LOCATE INCLUDES"),
    ("write x LIKE '%a'", "ENDS_WITH ENDSWITH SUFFIX"),
    ("write UPPER(LEFT(x, 1)) || LOWER(SUBSTRING(x, 2))", "INITCAP TITLE PROPER CAPITALIZE INITIAL_CAP"),
    (_NO_TEXT, "SPLIT REVERSE REGEXP_EXTRACT SUBSTRING_INDEX STRING_SPLIT"),
    (_NO_HASH, "SHA SHA1 SHA2 SHA256 CRC32 XXHASH64 FARM_FINGERPRINT"),
    ("write x || x, or use RPAD", "REPEAT REPLICATE SPACE"),
    (_SINGLE, "ARRAY LIST STRUCT MAP OBJECT JSON_OBJECT ROW ARRAY_OVERLAPS LIST_VALUE JSON_BUILD_OBJECT"),
)
_HINTS = {name: hint for hint, names in _MEANT for name in names.split()}

_ROWS = (
    ("rows below this one are summed and counted by columns of type 'sum_of' and 'count_of'", "SUM COUNT AVG MIN MAX"),
)
_SEVERAL_ROWS = {name: hint for hint, names in _ROWS for name in names.split()}


def function_hint(name: str) -> str:
    """The equivalent of a function of another dialect; empty if unknown."""
    return _HINTS.get(name.upper(), "")


def rows_hint(names: Iterable[str]) -> str:
    """The hint for aggregate functions, by the first known name."""
    return next(_known(names), "an expression sees the columns of one row")


def _known(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if hint := _SEVERAL_ROWS.get(
            name.upper().replace("ROWNUMBER", "ROW_NUMBER").replace("FIRSTVALUE", "FIRST_VALUE")
        ):
            yield f"an expression sees the columns of one row; {hint}"
