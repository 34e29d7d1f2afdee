#include "tests/documents/files.hpp"

#include <zlib.h>

#include <new>
#include <stdexcept>

namespace medflow::testing::files {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  return out;
}

std::string big(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  return out;
}

std::string filler(std::size_t size) {
  std::string out;
  out.reserve(size);
  std::uint64_t state = 88172645463325252ULL;
  while (out.size() < size) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    out.push_back(static_cast<char>(state & 0xFFU));
  }
  return out;
}

// ---- Pictures ----------------------------------------------------------------------------------------------------------------

std::string jpeg_segment(unsigned marker, std::string_view content) {
  return "\xFF" + std::string(1, static_cast<char>(marker)) + big(content.size() + 2, 2) + std::string(content);
}

std::string exif(std::uint16_t orientation) {
  // Two entries: the orientation, and where the GPS directory lies.
  std::string tiff = "MM\0*"s + big(8, 4) + big(2, 2);
  tiff += big(0x0112, 2) + big(3, 2) + big(1, 4) + big(orientation, 2) + big(0, 2);
  tiff += big(0x8825, 2) + big(4, 2) + big(1, 4) + big(38, 4) + big(0, 4);
  tiff += big(1, 2) + big(1, 2) + big(2, 2) + big(2, 4) + "N\0\0\0"s + big(0, 4) + "51.5074N 0.1278W";
  return "Exif\0\0"s + tiff;
}

std::string jpeg(const JpegParts& parts) {
  std::string out = "\xFF\xD8";
  out += jpeg_segment(0xE0, "JFIF\0\x01\x01\0\0\x01\0\x01\0\0"sv);
  out += parts.before_frame;
  out += jpeg_segment(0xDB, std::string(65, '\x01'));
  out += jpeg_segment(0xC0, "\x08" + big(parts.height, 2) + big(parts.width, 2) + "\x01\x01\x11\0"s);
  out += jpeg_segment(0xC4, "\0"s + std::string(16, '\0'));
  out += jpeg_segment(0xDA, "\x01\x01\0\0\x3F\0"sv);
  for (const char c : filler(parts.scan_bytes)) {
    out.push_back(c);
    if (c == '\xFF') out.push_back('\0');
  }
  return parts.has_end ? out + "\xFF\xD9" : out;
}

std::string png_chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big(data.size(), 4) + body + big(sum, 4);
}

std::string png(std::uint32_t width, std::uint32_t height, std::string_view more_chunks) {
  std::string raw(std::size_t{17} * 16, '\0');
  std::string packed(compressBound(raw.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);
  return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", big(width, 4) + big(height, 4) + "\x08\0\0\0\0"s) +
         std::string(more_chunks) + png_chunk("IDAT", packed) + png_chunk("IEND", "");
}

std::string webp_chunk(std::string_view type, std::string_view data) {
  return std::string(type) + little(data.size(), 4) + std::string(data) + (data.size() % 2 != 0 ? "\0"s : ""s);
}

std::string webp(std::uint32_t width, std::uint32_t height, std::string_view more_chunks) {
  std::string body = "WEBP";
  body += webp_chunk("VP8X", "\x0C\0\0\0"s + little(width - 1, 3) + little(height - 1, 3));
  body += webp_chunk("VP8 ",
                     "\x30\x01\0\x9D\x01\x2A"s + little(width & 0x3FFFU, 2) + little(height & 0x3FFFU, 2) + filler(60));
  body += more_chunks;
  return "RIFF" + little(body.size(), 4) + body;
}

std::string tiff(std::uint32_t width, std::uint32_t height, std::uint16_t more_tag) {
  const std::string data = filler(256);
  const auto entry = [](std::uint16_t tag, std::uint16_t type, std::uint32_t value) {
    return little(tag, 2) + little(type, 2) + little(1, 4) + little(value, 4);
  };
  std::string out = "II*\0"s + little(8 + data.size(), 4) + data;
  out += little(more_tag == 0 ? 5 : 6, 2);
  out += entry(256, 4, width) + entry(257, 4, height) + entry(259, 3, 1) + entry(273, 4, 8) + entry(279, 4, 256);
  if (more_tag != 0) out += entry(more_tag, 4, 8);
  return out + little(0, 4);
}

std::string dicom(std::string_view preamble) {
  std::string group = "\x02\0\x10\0UI"s + little(20, 2) + "1.2.840.10008.1.2.1\0"s;
  std::string out(preamble);
  out.resize(128, '\0');
  out += "DICM";
  out += "\x02\0\0\0UL"s + little(4, 2) + little(group.size(), 4) + group;
  out += "\x08\0\x60\0CS"s + little(2, 2) + "OT";
  out += "\x10\0\x10\0PN"s + little(8, 2) + "Doe^Jane";
  return out;
}

// ---- Documents ---------------------------------------------------------------------------------------------------------------

std::string pdf(std::string_view body) {
  std::string out =
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 "
      ">>\nendobj\n";
  out += "3 0 obj\n<< /Length " + std::to_string(body.size()) + " >>\nstream\n" + std::string(body) +
         "\nendstream\nendobj\n";
  const std::size_t table = out.size();
  out += "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n" + std::to_string(table) +
         "\n%%EOF\n";
  return out;
}

std::string doc(std::string_view stream) {
  std::string head = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s + std::string(16, '\0') + little(0x3E, 2) + little(3, 2) +
                     little(0xFFFE, 2) + little(9, 2) + little(6, 2) + std::string(10, '\0') + little(1, 4) +
                     little(1, 4);
  head.resize(512, '\xFF');
  std::string table(512, '\xFF');
  std::string directory;
  for (const std::string_view name : {"Root Entry"sv, stream}) {
    std::string entry;
    for (const char c : name) entry += std::string{c, '\0'};
    entry.resize(64, '\0');
    entry += little(2 * (name.size() + 1), 2);
    entry.resize(128, '\0');
    directory += entry;
  }
  directory.resize(512, '\0');
  return head + table + directory + filler(4096);
}

std::string zip(const std::vector<ZipEntry>& entries, std::string_view comment) {
  std::string out;
  std::string list;
  for (const ZipEntry& entry : entries) {
    std::string packed = entry.content;
    if (entry.packed) {
      z_stream stream{};
      if (deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
      packed.resize(deflateBound(&stream, entry.content.size()));
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(entry.content.data()));
      stream.avail_in = static_cast<uInt>(entry.content.size());
      stream.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_out = static_cast<uInt>(packed.size());
      deflate(&stream, Z_FINISH);
      packed.resize(stream.total_out);
      deflateEnd(&stream);
    }
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size()));
    const std::uint64_t size = entry.claimed != 0 ? entry.claimed : entry.content.size();
    const std::string sizes = little(sum, 4) + little(packed.size(), 4) + little(size, 4);
    const std::string method = little(entry.descriptor ? 8 : 0, 2) + little(entry.packed ? 8 : 0, 2);
    const std::size_t offset = out.size();
    out += "PK\x03\x04"s + little(20, 2) + method + little(0, 4) + (entry.descriptor ? std::string(12, '\0') : sizes) +
           little(entry.name.size(), 2) + little(0, 2) + entry.name + packed;
    if (entry.descriptor) out += "PK\x07\x08" + sizes;
    const std::string& listed = entry.listed_name.empty() ? entry.name : entry.listed_name;
    list += "PK\x01\x02"s + little(20, 1) + little(3, 1) + little(20, 2) + method + little(0, 4) + sizes +
            little(listed.size(), 2) + little(0, 4) + little(0, 4) + little(std::uint64_t{entry.mode} << 16U, 4) +
            little(offset, 4) + listed;
  }
  const std::size_t at = out.size();
  out += list + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) +
         little(list.size(), 4) + little(at, 4) + little(comment.size(), 2) + std::string(comment);
  return out;
}

std::vector<ZipEntry> docx_entries() {
  return {
      {.name = "[Content_Types].xml",
       .content = R"(<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
                  R"(<Override PartName="/word/document.xml" ContentType="application/)"
                  R"(vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>)"},
      {.name = "_rels/.rels", .content = "<Relationships/>"},
      {.name = "word/document.xml", .content = "<w:document>a letter about a knee</w:document>"}};
}

std::string docx(const std::vector<ZipEntry>& more) {
  auto entries = docx_entries();
  entries.insert(entries.end(), more.begin(), more.end());
  return zip(entries);
}

}  // namespace medflow::testing::files
