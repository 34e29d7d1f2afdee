// PNG (W3C): the chunks are walked, their checksums computed. Texts, times and camera data are left out, and whatever is not known.
#include <zlib.h>

#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kept_chunks[] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT",
                                            "sRGB", "bKGD", "hIST", "pHYs", "sPLT", "cICP", "acTL", "fcTL", "fdAT"};

bool is_kept(std::string_view type) {
  return std::find(std::begin(kept_chunks), std::end(kept_chunks), type) != std::end(kept_chunks);
}

class Png final : public Inspector {
 public:
  Png() { gather_.want(8); }

  void take(std::string_view bytes, std::string& out) override {
    while (!bytes.empty()) step(bytes, out);
  }

  void finish(std::string&) override {
    if (state_ != State::ended) throw Failure(broken, "the picture has no end");
  }

 private:
  enum class State : std::uint8_t { begin, head, data, checksum, ended };

  void step(std::string_view& bytes, std::string& out) {
    switch (state_) {
      case State::begin:
        if (!gather_.take(bytes)) return;
        if (gather_.bytes() != "\x89PNG\r\n\x1A\n"sv) throw Failure(broken);
        out += gather_.bytes();
        expect_chunk();
        return;
      case State::head:
        if (gather_.take(bytes)) begin_chunk(out);
        return;
      case State::data: {
        const std::string_view part =
            bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
        sum_ = crc32(sum_, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
        if (type_ == "IHDR") header_ += part;
        if (keeps_) out += part;
        left_ -= part.size();
        bytes.remove_prefix(part.size());
        if (left_ == 0) expect_checksum();
        return;
      }
      case State::checksum:
        if (gather_.take(bytes)) end_chunk(out);
        return;
      case State::ended:
        trailing_.add(bytes.size());  // and left out
        bytes = {};
        return;
    }
  }

  void expect_chunk() {
    gather_.want(8);
    state_ = State::head;
  }
  void expect_checksum() {
    gather_.want(4);
    state_ = State::checksum;
  }

  void begin_chunk(std::string& out) {
    left_ = big(gather_.bytes(), 0, 4);
    type_ = gather_.bytes().substr(4);
    const bool letters = std::all_of(type_.begin(), type_.end(),
                                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    if (!letters || left_ > 0x7FFFFFFF) throw Failure(broken, "a chunk of no known kind");
    const bool first = !std::exchange(begun_, true);
    if (first != (type_ == "IHDR") || (first && left_ != 13)) throw Failure(broken, "the header is not in its place");
    keeps_ = is_kept(type_);
    if (!keeps_ && type_.front() <= 'Z') throw Failure(broken, "a chunk of no known kind");
    has_data_ = has_data_ || type_ == "IDAT";
    if (type_ == "IEND" && (left_ != 0 || !has_data_)) throw Failure(broken, "there is no picture in it");
    if (keeps_) out += gather_.bytes();
    sum_ = crc32(0, reinterpret_cast<const Bytef*>(type_.data()), 4);
    state_ = State::data;
    if (left_ == 0) expect_checksum();
  }

  void end_chunk(std::string& out) {
    if (big(gather_.bytes(), 0, 4) != sum_) throw Failure(broken, "a checksum is wrong");
    if (keeps_) out += gather_.bytes();
    if (type_ == "IHDR") require_pixels(big(header_, 0, 4), big(header_, 4, 4));
    if (type_ != "IEND") return expect_chunk();
    state_ = State::ended;
  }

  State state_ = State::begin;
  Gather gather_{};
  Trailing trailing_{};
  std::string type_{};
  std::string header_{};
  std::uint64_t left_ = 0;
  uLong sum_ = 0;
  bool keeps_ = false;
  bool begun_ = false;
  bool has_data_ = false;
};

}  // namespace

std::unique_ptr<Inspector> inspect_png() { return std::make_unique<Png>(); }

}  // namespace medflow::inline v1::documents::types
