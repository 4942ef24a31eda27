-- arithmetic
i + j
i_n - 3
i * j_n + 2
-i_n
- - i
i % j
i_n % z_n
big % 7
-7 % j
MOD(i, 4)
i / j
i / z
i_n / z_n
x / z
x_n * 2 - i
m + 1
m_n + r
m - r_n
m * 2
m * r_n
m * 0.2
m * -1.25
m + 0.005
m / j
m / r
m % 3
r % 0.07
big + big
big - big_n
1 + 2 * 3
(1 + 2) * 3
0.1 + 0.2
x + m
x * 0.2
ABS(i_n)
ABS(m)
ABS(x)
SIGN(i)
SIGN(m_n)
SIGN(x)
i ** 2
POWER(j, 3)
-- comparison
i = j
i_n <> 3
i <= j_n
m > r
m_n >= 12.34
m = i
m < x
x_n > 0
0.1 + 0.2 = 0.3
s = 'paid'
s_n <> 'paid'
s > 'open'
s_n <= s2
s = s2_n
s = t
t_n = 'paid'
t < 'b'
t >= t_n
'paid' = s_n
b = TRUE
b_n <> b
i BETWEEN 0 AND j
i_n NOT BETWEEN -10 AND 10
m BETWEEN r AND 500
s BETWEEN 'o' AND 'q'
ts BETWEEN '1990-01-01' AND '2010-01-01 12:00:00'
ts > ts2_n
ts_n >= TIMESTAMP '2000-01-01 00:00:00'
d < DATE '2000-02-29'
d_n = '2000-01-01'
d <= ts
-- three-valued logic
i > 0 AND j > 3
i_n > 0 AND j_n > 3
i_n > 0 OR j_n > 3
NOT (i_n > 0)
NOT i_n > 0 AND NOT j_n < 4 OR b_n
b_n AND NULL
b_n OR NULL
NOT CAST(NULL AS BOOLEAN)
i_n = NULL
(i > 0) = b_n
i_n IS NULL
i_n IS NOT NULL
s_n IS NULL
t_n IS NOT NULL
i IS NULL
(i_n > 0) IS NULL
(s_n = 'paid') IS NULL
-- lists and patterns
i IN (1, 2, 3)
i_n NOT IN (1, -2, 3)
i_n IN (1, NULL)
i NOT IN (1, NULL)
m IN (1, 2.5, 12.34)
m IN (i, r_n, 3)
x IN (0, 1.5)
s IN ('paid', 'open')
s_n NOT IN ('paid')
s IN ('paid', NULL)
t_n IN ('a', '42')
d IN ('2000-01-01', '2010-05-05')
s LIKE 'p%'
s_n NOT LIKE '%e%'
s LIKE '10!%!_off' ESCAPE '!'
t LIKE '_'
t_n LIKE '%\slash'
t LIKE 'xx_x%'
t LIKE 'back\%' ESCAPE '!'
t LIKE 'xx!_%' ESCAPE '!'
t ILIKE '%SL_SH'
s LIKE 'Z_rich'
t ILIKE 'HELLO%'
STARTS_WITH(s, 'pa')
STARTS_WITH(t_n, 'Hel')
-- choice
CASE WHEN i > 0 THEN 'up' WHEN i < 0 THEN 'down' ELSE 'flat' END
CASE WHEN i_n > 0 THEN 1 WHEN j_n > 4 THEN 2.5 END
CASE WHEN i_n > 0 THEN x WHEN b_n THEN i END
CASE s WHEN 'paid' THEN 1 WHEN 'open' THEN 2 ELSE 0 END
CASE i_n WHEN j THEN 'same' WHEN 3 THEN 'three' END
CASE s_n WHEN t THEN 'same' ELSE s2 END
CASE WHEN s = 'paid' THEN s_n ELSE s2_n END
CASE WHEN b THEN t_n ELSE s END
CASE WHEN b_n THEN ts ELSE d END
CASE WHEN i > 0 THEN NULL ELSE i END
CASE WHEN z <> 0 THEN i / z ELSE -1 END
IF(i > 0, i, j)
IF(b_n, 'y', NULL)
COALESCE(i_n, j_n, 0)
COALESCE(i_n, m)
COALESCE(s_n, 'none')
COALESCE(s_n, s2_n, t_n)
COALESCE(t_n, 'none')
COALESCE(i, 5)
COALESCE(NULL, i_n)
IFNULL(x_n, 0)
NULLIF(j, 3)
NULLIF(i_n, j_n)
NULLIF(s, 'paid')
NULLIF(5, j)
NULLIF(d_n, ts)
NULLIF(DATE '2001-01-01', ts)
NULLIF(i, 1.5)
NULLIF(s, s_n)
CASE WHEN NULL THEN '' WHEN FALSE THEN 'x' ELSE 'paid' END
IF(NULL, 'a', 'b') || s
GREATEST(NULLIF(s, s_n), COALESCE(NULL, 'paid'))
COALESCE(NULLIF('a', s_n), 'b')
CASE WHEN b THEN NULLIF('open', s) ELSE s2 END
GREATEST(i, j)
GREATEST(i_n, j_n, 0)
LEAST(m_n, r, i_n)
GREATEST(s, s2)
LEAST(t_n, 'm')
GREATEST(ts, ts2_n)
LEAST(x_n, i)
-- rounding and mathematics
ROUND(x)
ROUND(half)
ROUND(m)
ROUND(m, 1)
ROUND(r_n, 2)
ROUND(x, 2)
ROUND(x, 0)
ROUND(i, -1)
ROUND(x, -2)
FLOOR(x_n)
FLOOR(m)
CEIL(x)
CEIL(r)
CEILING(i)
SQRT(p)
EXP(p)
LN(p)
LOG10(p)
LOG(p)
POWER(p, 1.5)
POWER(p, -x / 100)
SIN(x)
COS(x)
SQRT(j) * EXP(-p)
-- text
UPPER(s)
LOWER(t_n)
LENGTH(t)
LENGTH(s_n)
SUBSTRING(t, 2, 3)
SUBSTRING(s, 3)
SUBSTRING(s, i)
SUBSTRING(t, 1, POSITION('a' IN t) - 1)
SUBSTRING(t, j, i - j)
SUBSTRING(s FROM POSITION(' ' IN s) + 1 FOR LENGTH(t))
SUBSTRING('résumé', i, 2)
LEFT(s, LENGTH(s) - 1)
LEFT(t, i)
RIGHT(t, i)
RIGHT(s, j)
SUBSTRING(t FROM 1 FOR 2)
LEFT(t_n, 3)
RIGHT(s, 2)
RIGHT(t, 0)
TRIM(t)
LTRIM(t)
RTRIM(t_n)
TRIM(s, 'pd')
REPLACE(t, 'l', 'LL')
REPLACE(s_n, 'paid', '')
CONCAT(s, '-', t_n)
CONCAT(t_n, NULL, i)
CONCAT('x', i_n, m)
s || '/' || s2
s_n || t
'n' || i
t || m
t || x
'' || r
'' || b_n
'' || d
'' || ts
LPAD(t, 6, '*')
RPAD(s, 3, '.')
LPAD(CAST(j AS VARCHAR), 4, '0')
UPPER(LEFT(s, 1)) || LOWER(SUBSTRING(s, 2))
LENGTH(UPPER(s) || '!') > 5 AND s LIKE '%a%'
-- time
YEAR(ts)
MONTH(ts_n)
DAY(ts)
HOUR(ts)
MINUTE(ts)
SECOND(ts)
QUARTER(ts)
DAYOFWEEK(ts)
DAYOFYEAR(ts)
YEAR(d)
MONTH(d)
DAY(d_n)
DAYOFWEEK(d)
EXTRACT(YEAR FROM ts)
EXTRACT(DOW FROM d_n)
EXTRACT(EPOCH FROM ts)
EXTRACT(EPOCH FROM ts - ts2)
DATE_TRUNC('year', ts)
DATE_TRUNC('quarter', ts)
DATE_TRUNC('month', ts_n)
DATE_TRUNC('week', ts)
DATE_TRUNC('day', ts)
DATE_TRUNC('hour', ts)
DATE_TRUNC('minute', ts)
DATE_DIFF('day', ts2, ts)
DATE_DIFF('month', ts, ts2_n)
DATE_DIFF('year', d, ts)
DATE_DIFF('week', ts2, ts2_n)
DATE_DIFF('quarter', d, d_n)
DATE_DIFF('minute', ts2, ts2_n)
ts + INTERVAL '2' HOUR
ts_n - INTERVAL 90 MINUTE
INTERVAL '1' DAY + ts
ts + INTERVAL '1' MONTH
ts - INTERVAL '1' YEAR
ts + INTERVAL (j) DAY
d + INTERVAL '36' HOUR
d - INTERVAL '2' QUARTER
ts - ts2 > INTERVAL '3' DAY
d + CAST(j AS INT)
d - 3
d - d_n
TIMESTAMP '2024-01-31 10:00:00' + INTERVAL '1' MONTH
DATE '2024-02-29'
-- casts
CAST(x AS INT)
CAST(half AS BIGINT)
CAST(m AS INT)
CAST(m_n AS DOUBLE)
CAST(i AS DECIMAL(10, 2))
CAST(x AS DECIMAL(12, 1))
CAST(r AS DECIMAL(12, 2))
CAST(i AS VARCHAR)
CAST(m AS VARCHAR)
CAST(ts AS VARCHAR)
CAST(ts AS DATE)
CAST(d_n AS TIMESTAMP)
CAST(b AS INT)
CAST(z AS BOOLEAN)
CAST('12.345' AS DECIMAL(6, 2))
CAST('2024-02-29' AS DATE)
TRY_CAST(t AS INT)
TRY_CAST(x AS DECIMAL(4, 2))
TRY_CAST(big AS DECIMAL(9, 2))
TRY_CAST(t_n AS DOUBLE)
TRY_CAST(t AS DATE)
TRY_CAST(t AS DECIMAL(5, 1))
TRY_CAST('maybe' AS BOOLEAN)
i::VARCHAR || '!'
