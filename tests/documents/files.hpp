// Files of every family that documents may be of, made here byte by byte, good ones and such that mean harm.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace medflow::testing::files {

std::string little(std::uint64_t value, int bytes);
std::string big(std::uint64_t value, int bytes);
std::string filler(std::size_t size);  ///< bytes that mean nothing and cannot be packed

struct JpegParts {
  std::uint16_t width = 16;
  std::uint16_t height = 16;
  std::string before_frame{};  ///< whole segments
  std::size_t scan_bytes = 200;
  bool has_end = true;
};
std::string jpeg(const JpegParts& parts = {});
std::string jpeg_segment(unsigned marker, std::string_view content);
/// A TIFF block as cameras write it: an orientation, and a place on Earth.
std::string exif(std::uint16_t orientation);

std::string png_chunk(std::string_view type, std::string_view data);
std::string png(std::uint32_t width = 16, std::uint32_t height = 16, std::string_view more_chunks = {});

std::string pdf(std::string_view body = "a letter");
std::string doc(std::string_view stream = "WordDocument");

struct ZipEntry {
  std::string name{};
  std::string content{};
  bool packed = true;
  std::uint32_t mode = 0;     ///< of Unix; 0 for none
  std::string listed_name{};  ///< where the list of contents says another
  std::uint64_t claimed = 0;  ///< another size unpacked than there is
  bool descriptor = false;
};
std::string zip(const std::vector<ZipEntry>& entries, std::string_view comment = {});
std::vector<ZipEntry> docx_entries();
std::string docx(const std::vector<ZipEntry>& more = {});

std::string tiff(std::uint32_t width = 16, std::uint32_t height = 16, std::uint16_t more_tag = 0);
std::string webp(std::uint32_t width = 16, std::uint32_t height = 16, std::string_view more_chunks = {});
std::string webp_chunk(std::string_view type, std::string_view data);
std::string dicom(std::string_view preamble = {});

inline constexpr std::string_view eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

}  // namespace medflow::testing::files
