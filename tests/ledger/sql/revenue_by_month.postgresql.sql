SET mf.tenant = '…';
SELECT substr(day, 1, 7) AS month, currency,
       sum(CASE account WHEN 'revenue' THEN credit - debit ELSE 0 END) AS gross,
       sum(CASE account WHEN 'discounts' THEN debit - credit ELSE 0 END) AS discounts,
       sum(credit - debit) AS net
FROM tenant.postings
WHERE account IN ('revenue', 'discounts') AND day BETWEEN '2026-01-01' AND '2026-12-31'
GROUP BY month, currency
ORDER BY month, currency;
