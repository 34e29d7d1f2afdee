#include "documents/types/family.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace medflow::inline v1::documents::types {
namespace {

using namespace std::string_view_literals;

struct Ending {
  std::string_view ending{};
  Family family{};
};
constexpr Ending endings[] = {{"jpg", Family::jpeg},  {"jpeg", Family::jpeg},   {"png", Family::png},
                              {"pdf", Family::pdf},   {"doc", Family::doc},     {"docx", Family::docx},
                              {"tif", Family::tiff},  {"tiff", Family::tiff},   {"webp", Family::webp},
                              {"dcm", Family::dicom}, {"dicom", Family::dicom}, {"txt", Family::text},
                              {"csv", Family::csv},   {"xml", Family::xml},     {"json", Family::json}};

struct Media {
  std::string_view served{};
  std::array<std::string_view, 3> said{};  ///< what senders call it too
};
constexpr Media media[] = {
    {"image/jpeg", {"image/jpg", "image/pjpeg"}},
    {"image/png", {"image/x-png"}},
    {"application/pdf", {"application/x-pdf"}},
    {"application/msword", {"application/vnd.ms-word", "application/x-msword"}},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", {"application/msword"}},
    {"image/tiff", {"image/tif", "image/x-tiff"}},
    {"image/webp", {}},
    {"application/dicom", {"image/dicom"}},
    {"text/plain", {}},
    {"text/csv", {"application/csv", "application/vnd.ms-excel", "text/plain"}},
    {"application/xml", {"text/xml"}},
    {"application/json", {"text/json"}},
};

/// Of archives, programs and documents that hold them.
constexpr std::string_view harmful[] = {
    "PK\x03\x04"sv,
    "PK\x05\x06"sv,
    "PK\x07\x08"sv,
    "Rar!\x1A\x07"sv,
    "7z\xBC\xAF\x27\x1C"sv,
    "\x1F\x8B"sv,
    "BZh"sv,
    "\xFD"
    "7zXZ"sv,
    "\x28\xB5\x2F\xFD"sv,
    "MZ"sv,
    "\x7F"
    "ELF"sv,
    "#!"sv,
    "\xCA\xFE\xBA\xBE"sv,
    "\xFE\xED\xFA"sv,
    "\xCF\xFA\xED\xFE"sv,
    "\xCE\xFA\xED\xFE"sv,
    "GIF8"sv,
    "dex\n"sv,
    "\0asm"sv,
    "!<arch>"sv,
    "\xD0\xCF\x11\xE0"sv,
    "FWS"sv,
    "CWS"sv,
    "ZWS"sv,
    "MSCF"sv,
    "L\0\0\0\x01\x14\x02"sv,
    "{\\rtf"sv,
    "ITSF"sv,
};

std::string_view without_space(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')))
    text.remove_prefix(1);
  return text;
}

/// What a program that guesses would show as a page or run as one.
bool begins_as_page(std::string_view head) {
  head = without_space(head);
  if (head.size() < 2 || head.front() != '<') return false;
  const char next = head[1];
  return (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '!' || next == '?' || next == '%' ||
         next == '/';
}

bool begins_as_pdf(std::string_view head) {
  const std::size_t at = head.substr(0, 1024).find("%PDF-");
  if (at == std::string_view::npos) return false;
  const std::string_view before = head.substr(0, at);
  constexpr std::string_view others[] = {"\xFF\xD8\xFF", "\x89PNG", "RIFF", "II*", "MM"};
  return !begins_harmful(before) && !begins_as_page(before) && before.find("<?") == std::string_view::npos &&
         before.find("<script") == std::string_view::npos &&
         std::none_of(std::begin(others), std::end(others),
                      [&](std::string_view other) { return before.starts_with(other); });
}

}  // namespace

std::string ending_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return {};
  std::string ending(file_name.substr(dot + 1));
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return ending;
}

std::optional<Family> family_of_ending(std::string_view ending) {
  const auto* const found =
      std::find_if(std::begin(endings), std::end(endings), [&](const Ending& one) { return one.ending == ending; });
  if (found == std::end(endings)) return std::nullopt;
  return found->family;
}

std::string_view media_type_of(Family family) { return media[static_cast<std::size_t>(family)].served; }

bool declared_fits(Family family, std::string_view media_type) {
  std::string said(media_type.substr(0, media_type.find(';')));
  while (said.ends_with(' ')) said.pop_back();
  for (char& c : said)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (said.empty() || said == "application/octet-stream") return true;
  const Media& row = media[static_cast<std::size_t>(family)];
  return said == row.served || std::find(row.said.begin(), row.said.end(), said) != row.said.end();
}

bool begins_harmful(std::string_view head) {
  return std::any_of(std::begin(harmful), std::end(harmful),
                     [&](std::string_view one) { return head.starts_with(one); });
}

bool begins_as(Family family, std::string_view head) {
  switch (family) {
    case Family::jpeg:
      return head.starts_with("\xFF\xD8\xFF"sv);
    case Family::png:
      return head.starts_with("\x89PNG\r\n\x1A\n"sv);
    case Family::pdf:
      return begins_as_pdf(head);
    case Family::doc:
      return head.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv);
    case Family::docx:
      return head.starts_with("PK\x03\x04"sv);
    case Family::tiff:
      return head.starts_with("II*\0"sv) || head.starts_with("MM\0*"sv);
    case Family::webp:
      return head.size() >= 16 && head.starts_with("RIFF"sv) && head.substr(8, 7) == "WEBPVP8"sv;
    case Family::dicom:
      return head.size() >= 132 && head.substr(128, 4) == "DICM"sv && !begins_harmful(head) && !begins_as_page(head);
    case Family::text:
    case Family::csv:
      return !begins_harmful(head) && !begins_as_page(head);
    case Family::xml: {
      const std::string_view text = without_space(head);
      return text.size() > 1 && text.front() == '<';
    }
    case Family::json:
      return !begins_harmful(head) && !begins_as_page(head);
  }
  return false;
}

}  // namespace medflow::inline v1::documents::types
