// TIFF 6.0: its directories are read as they come, so each has to lie behind the one before. Pictures that say where or with what they were taken are
// refused, not cleaned: what they say may lie anywhere. Where the pictures' data end is not known, so only an archive is found behind them.
#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

constexpr std::size_t directories_max = 2000;
constexpr std::uint64_t width_tag = 256;
constexpr std::uint64_t height_tag = 257;
constexpr std::uint64_t strips_tag = 273;
constexpr std::uint64_t tiles_tag = 324;
constexpr std::uint64_t telling_tags[] = {700, 33723, 34377, 34665, 34853};  // XMP, IPTC, Photoshop, Exif, GPS

class Tiff final : public Inspector {
 public:
  Tiff() { gather_.want(8); }

  void take(std::string_view bytes, std::string& out) override {
    out += bytes;
    tail_.add(bytes);
    while (!bytes.empty()) step(bytes);
  }

  void finish(std::string&) override {
    if (state_ != State::done) throw Failure(broken, "the picture is not whole");
    if (!has_picture_) throw Failure(broken, "there is no picture in it");
    if (ends_as_archive(tail_.bytes())) throw Failure(polyglot, "it is an archive too");
  }

 private:
  enum class State : std::uint8_t { head, skip, count, entries, done };

  std::uint64_t number(std::size_t at, std::size_t count) const {
    return little_ ? little(gather_.bytes(), at, count) : big(gather_.bytes(), at, count);
  }

  void step(std::string_view& bytes) {
    if (state_ == State::done) return void(bytes = {});
    if (state_ == State::skip) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(next_ - at_, bytes.size()));
      at_ += count;
      bytes.remove_prefix(count);
      if (at_ == next_) expect(State::count, 2);
      return;
    }
    const std::size_t before = bytes.size();
    const bool whole = gather_.take(bytes);
    at_ += before - bytes.size();
    if (!whole) return;
    if (state_ == State::head) {
      little_ = gather_.bytes()[0] == 'I';
      go_to(number(4, 4));
    } else if (state_ == State::count) {
      if (number(0, 2) == 0 || ++directories_ > directories_max) throw Failure(broken, "a directory is wrong");
      expect(State::entries, static_cast<std::size_t>(number(0, 2)) * 12 + 4);
    } else {
      read_entries();
    }
  }

  void expect(State state, std::size_t count) {
    state_ = state;
    gather_.want(count);
  }

  void go_to(std::uint64_t offset) {
    if (offset == 0 && directories_ > 0) return void(state_ = State::done);
    if (offset < at_) throw Failure(broken, "its directories are not in order");
    next_ = offset;
    state_ = State::skip;
    if (next_ == at_) expect(State::count, 2);
  }

  void read_entries() {
    const std::size_t entries = (gather_.bytes().size() - 4) / 12;
    std::uint64_t width = 0;
    std::uint64_t height = 0;
    bool data = false;
    for (std::size_t i = 0; i < entries; ++i) {
      const std::uint64_t tag = number(12 * i, 2);
      const std::size_t size = number(12 * i + 2, 2) == 3 ? 2 : 4;
      if (tag == width_tag) width = number(12 * i + 8, size);
      if (tag == height_tag) height = number(12 * i + 8, size);
      data = data || tag == strips_tag || tag == tiles_tag;
      if (std::find(std::begin(telling_tags), std::end(telling_tags), tag) != std::end(telling_tags))
        throw Failure(broken, "the picture says where or with what it was taken; save it without");
    }
    require_pixels(width, height);
    pixels_ += width * height;
    if (pixels_ > pixels_max) throw Failure(bomb, "pictures may have 100 million pixels at most");
    has_picture_ = has_picture_ || data;
    go_to(number(12 * entries, 4));
  }

  State state_ = State::head;
  Gather gather_{};
  Tail tail_{trailing_max};
  bool little_ = true;
  std::uint64_t at_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t pixels_ = 0;
  std::size_t directories_ = 0;
  bool has_picture_ = false;
};

}  // namespace

std::unique_ptr<Inspector> inspect_tiff() { return std::make_unique<Tiff>(); }

}  // namespace medflow::inline v1::documents::types
