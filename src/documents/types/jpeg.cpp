// JPEG (ITU-T T.81): the segments are walked from SOI to EOI. What cameras say about place, time and owner is left out; of it all only the
// orientation is written anew, or pictures would lie on their sides.
#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

using namespace std::string_view_literals;

constexpr unsigned soi = 0xD8;
constexpr unsigned eoi = 0xD9;
constexpr unsigned sos = 0xDA;
constexpr unsigned app1 = 0xE1;   // Exif and XMP
constexpr unsigned app13 = 0xED;  // IPTC
constexpr unsigned comment = 0xFE;

constexpr bool is_frame(unsigned marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// The orientation that an Exif segment names, 0 where it names none.
unsigned orientation_in(std::string_view segment) {
  if (!segment.starts_with("Exif\0\0"sv)) return 0;
  const std::string_view tiff = segment.substr(6);
  if (tiff.size() < 8) return 0;
  const bool is_little = tiff.starts_with("II");
  const auto number = [&](std::uint64_t at, std::size_t count) {
    return is_little ? little(tiff, static_cast<std::size_t>(at), count)
                     : big(tiff, static_cast<std::size_t>(at), count);
  };
  const std::uint64_t directory = number(4, 4);
  if (directory + 2 > tiff.size()) return 0;
  const std::uint64_t entries = number(directory, 2);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) return 0;
    if (number(at, 2) != 0x0112) continue;
    const std::uint64_t value = number(at + 8, 2);
    return value >= 2 && value <= 8 ? static_cast<unsigned>(value) : 0;
  }
  return 0;
}

std::string orientation_segment(unsigned orientation) {
  std::string segment(
      "\xFF\xE1\0\x22"
      "Exif\0\0"
      "MM\0*\0\0\0\x08"
      "\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\0\0\0"
      "\0\0\0\0"sv);
  segment[29] = static_cast<char>(orientation);
  return segment;
}

class Jpeg final : public Inspector {
 public:
  Jpeg() { gather_.want(2); }

  void take(std::string_view bytes, std::string& out) override {
    while (!bytes.empty()) step(bytes, out);
  }

  void finish(std::string&) override {
    if (state_ != State::ended) throw Failure(broken, "the picture has no end");
    if (!has_frame_ || !has_scan_) throw Failure(broken, "there is no picture in it");
  }

 private:
  enum class State : std::uint8_t { begin, marker, length, segment, scan, scan_marker, ended };

  void step(std::string_view& bytes, std::string& out) {
    switch (state_) {
      case State::begin:
        if (!gather_.take(bytes)) return;
        if (gather_.bytes() != "\xFF\xD8"sv) throw Failure(broken);
        out += gather_.bytes();
        expect_marker();
        return;
      case State::marker:
        if (gather_.take(bytes)) begin_segment(out);
        return;
      case State::length:
        if (!gather_.take(bytes)) return;
        if (big(gather_.bytes(), 0, 2) < 2) throw Failure(broken, "a segment is too short");
        length_ = gather_.bytes();
        gather_.want(static_cast<std::size_t>(big(length_, 0, 2)) - 2);
        state_ = State::segment;
        if (big(length_, 0, 2) == 2) end_segment(out);
        return;
      case State::segment:
        if (gather_.take(bytes)) end_segment(out);
        return;
      case State::scan: {
        const std::size_t at = std::min(bytes.find('\xFF'), bytes.size());
        out += bytes.substr(0, at);
        bytes.remove_prefix(at);
        if (bytes.empty()) return;
        bytes.remove_prefix(1);
        state_ = State::scan_marker;
        return;
      }
      case State::scan_marker:
        in_scan(static_cast<unsigned char>(bytes.front()), out);
        bytes.remove_prefix(1);
        return;
      case State::ended:
        trailing_.add(bytes.size());  // and left out
        bytes = {};
        return;
    }
  }

  void expect_marker() {
    gather_.want(2);
    state_ = State::marker;
  }

  void begin_segment(std::string& out) {
    if (gather_.bytes()[0] != '\xFF') throw Failure(broken, "a segment does not begin where it should");
    const auto marker = static_cast<unsigned>(byte_at(gather_.bytes(), 1));
    if (marker == 0xFF) {  // fill
      std::string_view again = "\xFF";
      gather_.want(2);
      gather_.take(again);
      return;
    }
    begin_segment(marker, out);
  }

  void begin_segment(unsigned marker, std::string& out) {
    marker_ = marker;
    if (marker == eoi) {
      out += "\xFF\xD9"sv;
      state_ = State::ended;
      return;
    }
    const bool alone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7);
    if (marker == 0 || marker == soi || alone) throw Failure(broken, "a segment of no known kind");
    gather_.want(2);
    state_ = State::length;
  }

  void end_segment(std::string& out) {
    const std::string& content = gather_.bytes();
    if (is_frame(marker_)) {
      if (content.size() < 6) throw Failure(broken, "the frame says too little");
      require_pixels(big(content, 3, 2), big(content, 1, 2));
      has_frame_ = true;
    }
    if (marker_ == sos && !has_frame_) throw Failure(broken, "a scan without a frame");
    if (marker_ == app1) {
      const unsigned orientation = orientation_in(content);
      if (orientation != 0 && !turned_) out += orientation_segment(orientation);
      turned_ = turned_ || orientation != 0;
    } else if (marker_ != app13 && marker_ != comment) {
      out.push_back('\xFF');
      out.push_back(static_cast<char>(marker_));
      out += length_;
      out += content;
    }
    if (marker_ == sos) {
      has_scan_ = true;
      state_ = State::scan;
    } else {
      expect_marker();
    }
  }

  void in_scan(unsigned byte, std::string& out) {
    if (byte == 0xFF) return;  // fill
    if (byte == 0 || (byte >= 0xD0 && byte <= 0xD7)) {
      out.push_back('\xFF');
      out.push_back(static_cast<char>(byte));
      state_ = State::scan;
      return;
    }
    begin_segment(byte, out);
  }

  State state_ = State::begin;
  Gather gather_{};
  Trailing trailing_{};
  unsigned marker_ = 0;
  std::string length_{};
  bool has_frame_ = false;
  bool has_scan_ = false;
  bool turned_ = false;
};

}  // namespace

std::unique_ptr<Inspector> inspect_jpeg() { return std::make_unique<Jpeg>(); }

}  // namespace medflow::inline v1::documents::types
