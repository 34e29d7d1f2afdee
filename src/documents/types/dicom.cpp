// DICOM files (PS3.10): preamble, the group that says how the rest is written, and that there is a rest. What its attributes say is the sender's affair.
#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

constexpr std::size_t group_max = 64 * 1024;

class Dicom final : public Inspector {
 public:
  Dicom() { gather_.want(144); }

  void take(std::string_view bytes, std::string& out) override {
    out += bytes;
    tail_.add(bytes);
    while (!bytes.empty() && state_ != State::done) step(bytes);
  }

  void finish(std::string&) override {
    if (state_ != State::done) throw Failure(broken, "the file is not whole");
    if (ends_as_archive(tail_.bytes())) throw Failure(polyglot, "it is an archive too");
  }

 private:
  enum class State : std::uint8_t { head, group, first, done };

  void step(std::string_view& bytes) {
    if (!gather_.take(bytes)) return;
    if (state_ == State::head) {
      read_head();
    } else if (state_ == State::group) {
      read_group();
    } else {
      // The data set goes on behind group 2, with groups of even numbers at first, whichever way they are written.
      const std::uint64_t group = little(gather_.bytes(), 0, 2);
      const std::uint64_t other = big(gather_.bytes(), 0, 2);
      if (!deflated_ && group != 4 && group != 8 && other != 4 && other != 8)
        throw Failure(broken, "there is no data set in it");
      state_ = State::done;
    }
  }

  void read_head() {
    const std::string_view preamble = std::string_view(gather_.bytes()).substr(0, 128);
    const bool empty = std::all_of(preamble.begin(), preamble.end(), [](char c) { return c == 0; });
    if (!empty && !begins_as(Family::tiff, preamble))
      throw Failure(polyglot, "something else stands before its beginning");
    const std::string_view length = std::string_view(gather_.bytes()).substr(132);
    if (length.substr(0, 8) != std::string_view("\x02\0\0\0UL\x04\0", 8)) throw Failure(broken, "its header is wrong");
    const std::uint64_t size = little(length, 8, 4);
    if (size == 0 || size > group_max) throw Failure(broken, "its header is wrong");
    gather_.want(static_cast<std::size_t>(size));
    state_ = State::group;
  }

  void read_group() {
    std::string_view rest = gather_.bytes();
    bool has_syntax = false;
    while (!rest.empty()) {
      if (rest.size() < 8 || little(rest, 0, 2) != 2) throw Failure(broken, "its header is wrong");
      const std::uint64_t element = little(rest, 2, 2);
      const std::string_view form = rest.substr(4, 2);
      const bool is_long = form == "OB" || form == "UN" || form == "OW" || form == "SQ" || form == "UT";
      if (is_long && rest.size() < 12) throw Failure(broken, "its header is wrong");
      const std::uint64_t size = is_long ? little(rest, 8, 4) : little(rest, 6, 2);
      const std::size_t head = is_long ? 12 : 8;
      if (size > rest.size() - head) throw Failure(broken, "its header is wrong");
      if (element == 0x0010) {
        has_syntax = true;
        deflated_ = rest.substr(head, static_cast<std::size_t>(size)).starts_with("1.2.840.10008.1.2.1.99");
      }
      rest.remove_prefix(head + static_cast<std::size_t>(size));
    }
    if (!has_syntax) throw Failure(broken, "its header does not say how it is written");
    gather_.want(8);
    state_ = State::first;
  }

  State state_ = State::head;
  Gather gather_{};
  Tail tail_{trailing_max};
  bool deflated_ = false;
};

}  // namespace

std::unique_ptr<Inspector> inspect_dicom() { return std::make_unique<Dicom>(); }

}  // namespace medflow::inline v1::documents::types
