#include "documents/types/family.hpp"

#ifdef MEDFLOW_LIBMAGIC
#include <magic.h>

#include <memory>
#include <mutex>
#endif

namespace medflow::inline v1::documents::types {

#ifdef MEDFLOW_LIBMAGIC

namespace {

struct Close {
  void operator()(magic_t cookie) const { magic_close(cookie); }
};

/// A cookie serves one thread at a time.
std::string type_by_libmagic(std::string_view head) {
  static std::mutex mutex;
  static std::unique_ptr<magic_set, Close> cookie;
  static bool tried = false;
  const std::lock_guard lock(mutex);
  if (!tried) {
    tried = true;
    cookie.reset(magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_ERROR));
    if (cookie && magic_load(cookie.get(), nullptr) != 0) cookie.reset();  // its rules are not installed
  }
  if (!cookie) return {};
  const char* const type = magic_buffer(cookie.get(), head.data(), head.size());
  return type == nullptr ? std::string() : std::string(type);
}

}  // namespace

bool libmagic_agrees(Family family, std::string_view head) {
  const std::string type = type_by_libmagic(head);
  if (type.empty() || type == "application/octet-stream") return true;  // no opinion
  switch (family) {
    case Family::doc:
      return type == "application/msword" || type == "application/CDFV2" || type == "application/x-ole-storage" ||
             type == "application/vnd.ms-office";
    case Family::docx:
      return type == media_type_of(family) || type == "application/zip";
    case Family::text:
    case Family::csv:
      return (type.starts_with("text/") && type != "text/html" && type != "text/x-php") || type == "application/csv" ||
             type == "application/json";
    case Family::xml:
      return type == "text/xml" || type == "application/xml" || type == "text/plain";
    case Family::json:
      return type == "application/json" || type == "text/plain" || type.starts_with("text/x-");
    case Family::dicom:  // may begin as a picture, so that both kinds of programs show it
      return type == media_type_of(family) || type == "image/tiff";
    default:
      return type == media_type_of(family);
  }
}

#else

bool libmagic_agrees(Family, std::string_view) { return true; }

#endif

}  // namespace medflow::inline v1::documents::types
