// Which families of files there are, by the ending of a name, by what a sender says and by what is found at the beginning (DOC-2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medflow::inline v1::documents::types {

enum class Family : std::uint8_t { jpeg, png, pdf, doc, docx, tiff, webp, dicom, text, csv, xml, json };

/// Of "x-ray.final.JPG" it is "jpg"; empty where there is none.
std::string ending_of(std::string_view file_name);

/// Nothing for an ending that is of no family.
std::optional<Family> family_of_ending(std::string_view ending);

/// The media type under which it is served.
std::string_view media_type_of(Family family);

/// Whether a sender who says this may mean the family. "application/octet-stream" and nothing at all say nothing.
bool declared_fits(Family family, std::string_view media_type);

/// Whether the first bytes are those of the family. At least 4,096 of them, or all there are.
bool begins_as(Family family, std::string_view head);

/// Whether something begins here that a program may run, show or unpack: an archive, a program, a script, a page.
bool begins_harmful(std::string_view head);

/// libmagic's opinion on the first bytes: false where it finds another family. Always true where it was not there at the build.
bool libmagic_agrees(Family family, std::string_view head);

}  // namespace medflow::inline v1::documents::types
