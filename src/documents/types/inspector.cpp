#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {

std::unique_ptr<Inspector> inspect(Family family, const InspectOptions& options) {
  switch (family) {
    case Family::jpeg:
      return inspect_jpeg();
    case Family::png:
      return inspect_png();
    case Family::pdf:
      return inspect_pdf(options.macros_allowed);
    case Family::doc:
      return inspect_doc();
    case Family::docx:
      return inspect_docx(options.macros_allowed);
    case Family::tiff:
      return inspect_tiff();
    case Family::webp:
      return inspect_webp();
    case Family::dicom:
      return inspect_dicom();
    case Family::text:
    case Family::csv:
      return inspect_text();
    case Family::xml:
      return inspect_xml();
    case Family::json:
      return inspect_json();
  }
  throw Failure(type_refused);
}

}  // namespace medflow::inline v1::documents::types
