#include "medflow/money.hpp"

#include <algorithm>

namespace medflow::inline v1 {
namespace {

// The active codes of ISO 4217 that have a minor unit: precious metals, bond units, XDR and the test codes are left out, for
// there are no amounts in them. BGN, ANG and HRK were replaced lately, and invoices live ten years (R14).
struct Group {
  std::uint8_t exponent;
  std::string_view codes;
};

constexpr Group groups[] = {
    {2,
     "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF "
     "CHW "
     "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF "
     "IDR "
     "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
     "MYR "
     "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
     "STN "
     "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"},
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
    {3, "BHD IQD JOD KWD LYD OMR TND"},
    {4, "CLF UYW"},
};

/// Whether each entry is three upper-case letters after the last, and ascending.
constexpr bool well_formed(std::string_view codes) {
  if (codes.size() % 4 != 3) return false;
  for (std::size_t i = 0; i < codes.size(); ++i)
    if ((i % 4 == 3) ? codes[i] != ' ' : (codes[i] < 'A' || codes[i] > 'Z')) return false;
  for (std::size_t i = 4; i < codes.size(); i += 4)
    if (codes.substr(i - 4, 3) >= codes.substr(i, 3)) return false;
  return true;
}
static_assert(std::ranges::all_of(groups, [](const Group& group) { return well_formed(group.codes); }));

bool contains(std::string_view codes, std::string_view code) {
  std::size_t low = 0;
  std::size_t high = codes.size() / 4 + 1;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const int order = codes.substr(middle * 4, 3).compare(code);
    if (order == 0) return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

}  // namespace

std::optional<Currency> Currency::parse(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  for (const Group& group : groups)
    if (contains(group.codes, code))
      return Currency{.letters = {code[0], code[1], code[2]}, .exponent = group.exponent};
  return std::nullopt;
}

}  // namespace medflow::inline v1
