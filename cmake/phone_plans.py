"""Writes src/text/phone_plans.cpp and tests/text/phone_numbers.csv: phone_plans.py SOURCE_DIR.

Both come from the metadata of libphonenumber (Apache-2.0) as Debian's package python3-phonenumbers carries it: the plans, and numbers
with what that library makes of them, which the tests hold ours against. To be run again when the package is newer.
"""

import pathlib
import random
import sys

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

source_dir = pathlib.Path(sys.argv[1])
regions = sorted(phonenumbers.SUPPORTED_REGIONS)
codes = sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)


def bits(lengths):
    return sum(1 << length for length in lengths if length > 0)


def quoted(text):
    return '"' + (text or "").replace("\\", "\\\\") + '"'


def plan(region, data):
    general = data.general_desc
    # The plan by which numbers with this calling code are read.
    main = phonenumbers.region_code_for_country_code(data.country_code) in (region, "001")
    # Split, or some lines would be longer than an editor likes.
    return (
        f"    {{{quoted('' if region == '001' else region)}, {data.country_code}, {'true' if main else 'false'}, "
        f"{bits(general.possible_length):#x},\n"
        f"     {quoted(data.international_prefix)},\n"
        f"     {quoted(data.national_prefix_for_parsing)},\n"
        f"     {quoted(data.national_prefix_transform_rule)},\n"
        f"     {quoted(general.national_number_pattern)}}},\n"
    )


plans = [plan(region, PhoneMetadata.metadata_for_region(region)) for region in regions]
plans += [plan("001", PhoneMetadata.metadata_for_nongeo_region(code)) for code in codes]
(source_dir / "src/text/phone_plans.cpp").write_text(
    f"""// Numbering plans of libphonenumber {phonenumbers.__version__} (Apache-2.0), written by cmake/phone_plans.py.
#include "text/phone_plans.hpp"

namespace medflow::text {{
namespace {{

// clang-format off
constexpr PhonePlan plans[] = {{
{''.join(plans)}}};
// clang-format on

}}  // namespace

std::span<const PhonePlan> phone_plans() {{ return plans; }}

}}  // namespace medflow::text
"""
)


def e164(typed, region):
    """What the library makes of a number; empty where nobody could dial it."""
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return ""
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return text if possible and len(text) <= 16 else ""


lines = []
chance = random.Random(8)
for region in regions:
    typed = []
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        typed.append(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
        typed.append(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))
        typed.append(phonenumbers.format_out_of_country_calling_number(number, region))
        typed.append(str(number.country_code) + phonenumbers.national_significant_number(number))
    for _ in range(12):
        digits = "".join(chance.choice("0123456789") for _ in range(chance.randint(4, 15)))
        typed.append(chance.choice(("", "", "", "0", "00", "+", "+" + str(PhoneMetadata.metadata_for_region(region).country_code))) + digits)
    lines += [f"{region},{text},{e164(text, region)}\n" for text in typed if "," not in text and "ext" not in text]
(source_dir / "tests/text/phone_numbers.csv").write_text("country,typed,e164\n" + "".join(lines))
