// WebP: the chunks are walked. Camera data stays in its place, so that sizes stay what they are, but is blanked.
#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view known_chunks[] = {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"};
constexpr std::size_t looked_at = 10;  ///< of a chunk, for the size of the picture

class Webp final : public Inspector {
 public:
  Webp() { gather_.want(12); }

  void take(std::string_view bytes, std::string& out) override {
    while (!bytes.empty()) step(bytes, out);
  }

  void finish(std::string&) override {
    if (state_ != State::ended) throw Failure(broken, "the picture has no end");
    if (!has_picture_) throw Failure(broken, "there is no picture in it");
  }

 private:
  enum class State : std::uint8_t { begin, head, front, data, ended };

  void step(std::string_view& bytes, std::string& out) {
    switch (state_) {
      case State::begin:
        if (!gather_.take(bytes)) return;
        left_in_file_ = little(gather_.bytes(), 4, 4);
        if (left_in_file_ < 12 || left_in_file_ % 2 != 0) throw Failure(broken, "the picture's size is wrong");
        left_in_file_ -= 4;
        out += gather_.bytes();
        return expect_chunk();
      case State::head:
        if (gather_.take(bytes)) begin_chunk(out);
        return;
      case State::front:
        if (gather_.take(bytes)) end_front(out);
        return;
      case State::data: {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        if (keeps_) {
          out += bytes.substr(0, count);
        } else {
          out.append(count, '\0');
        }
        left_ -= count;
        bytes.remove_prefix(count);
        if (left_ == 0) expect_chunk();
        return;
      }
      case State::ended:
        trailing_.add(bytes.size());  // and left out
        bytes = {};
        return;
    }
  }

  void expect_chunk() {
    gather_.want(8);
    state_ = State::head;
    if (left_in_file_ == 0) state_ = State::ended;
  }

  void begin_chunk(std::string& out) {
    type_ = gather_.bytes().substr(0, 4);
    const std::uint64_t size = little(gather_.bytes(), 4, 4);
    left_ = size + size % 2;
    if (left_in_file_ < 8 || left_ > left_in_file_ - 8) throw Failure(broken, "a chunk is longer than the picture");
    left_in_file_ -= 8 + left_;
    keeps_ = std::find(std::begin(known_chunks), std::end(known_chunks), type_) != std::end(known_chunks);
    out += keeps_ ? type_ : std::string("JUNK");
    out += gather_.bytes().substr(4);
    gather_.want(static_cast<std::size_t>(std::min<std::uint64_t>(left_, looked_at)));
    state_ = State::front;
    if (left_ == 0) expect_chunk();
  }

  void end_front(std::string& out) {
    std::string front = gather_.bytes();
    left_ -= front.size();
    const bool whole = front.size() == looked_at;
    if (type_ == "VP8X") {
      if (!whole) throw Failure(broken, "the picture's header is too short");
      require_pixels(little(front, 4, 3) + 1, little(front, 7, 3) + 1);
      front[0] = static_cast<char>(byte_at(front, 0) & ~0x0CU);  // that there is Exif or XMP
    } else if (type_ == "VP8 ") {
      if (!whole || front.substr(3, 3) != "\x9D\x01\x2A"sv) throw Failure(broken, "the picture does not begin");
      require_pixels(little(front, 6, 2) & 0x3FFFU, little(front, 8, 2) & 0x3FFFU);
      has_picture_ = true;
    } else if (type_ == "VP8L") {
      if (!whole || front.front() != '\x2F') throw Failure(broken, "the picture does not begin");
      const std::uint64_t bits = little(front, 1, 4);
      require_pixels((bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1);
      has_picture_ = true;
    } else if (type_ == "ANMF") {
      has_picture_ = true;
    }
    if (!keeps_) front.assign(front.size(), '\0');
    out += front;
    state_ = State::data;
    if (left_ == 0) expect_chunk();
  }

  State state_ = State::begin;
  Gather gather_{};
  Trailing trailing_{};
  std::string type_{};
  std::uint64_t left_ = 0;
  std::uint64_t left_in_file_ = 0;
  bool keeps_ = false;
  bool has_picture_ = false;
};

}  // namespace

std::unique_ptr<Inspector> inspect_webp() { return std::make_unique<Webp>(); }

}  // namespace medflow::inline v1::documents::types
