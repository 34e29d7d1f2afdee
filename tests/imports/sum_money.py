#!/usr/bin/env python3
"""What a Synthea set charges, summed by decimal arithmetic: a second program beside the import, which shares no code with it.

    sum_money.py FOLDER

One line each: what of, its id, how many rows, total and coverage in cents.
"""
import csv, os, sys
from collections import defaultdict
from decimal import Decimal

sums = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
for table, cost in (("encounters", "TOTAL_CLAIM_COST"), ("medications", "TOTALCOST")):
    with open(os.path.join(sys.argv[1], table + ".csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for key in (("table", table), ("payer", row["PAYER"]), ("patient", row["PATIENT"])):
                one = sums[key]
                one[0] += 1
                one[1] += Decimal(row[cost])
                one[2] += Decimal(row["PAYER_COVERAGE"])
for table, column in (("payers", "AMOUNT_COVERED"), ("patients", "HEALTHCARE_COVERAGE")):
    with open(os.path.join(sys.argv[1], table + ".csv"), newline="", encoding="utf-8") as file:
        rows = [Decimal(row[column]) for row in csv.DictReader(file)]
        sums[("lifetime", table)] = [len(rows), Decimal(0), sum(rows).quantize(Decimal("0.01"))]
for (kind, key), (count, total, covered) in sorted(sums.items()):
    assert total * 100 == int(total * 100) and covered * 100 == int(covered * 100), (kind, key)
    print(kind, key, count, int(total * 100), int(covered * 100))
