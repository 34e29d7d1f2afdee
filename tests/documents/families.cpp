#include "tests/documents/families.hpp"

#include <zlib.h>

#include <new>
#include <utility>

#include "tests/documents/files.hpp"

namespace medflow::testing::files {
namespace {

using namespace std::string_literals;

constexpr const char* type = "document.type";
constexpr const char* broken = "document.broken";
constexpr const char* active = "document.active";
constexpr const char* bomb = "document.bomb";
constexpr const char* polyglot = "document.polyglot";

const std::string page = "<!DOCTYPE html><html><script>alert(1)</script></html>";
const std::string picture_page = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
const std::string php = "<?php system($_GET['c']); ?>";
const std::string gif_script = "GIF89a/*" + std::string(40, ' ') + "*/=1;alert(1)//";
const std::string program = "MZ\x90\0"s + filler(600);
const std::string elf =
    "\x7F"
    "ELF\x02\x01\x01"s +
    filler(600);
const std::string shell = "#!/bin/sh\nrm -rf /\n";
const std::string archive = zip({{.name = "a.txt", .content = filler(6000), .packed = false}});

/// What packs best.
std::string zeros(std::size_t size) {
  std::string text;
  text.resize(size);
  return text;
}

/// What a family says to files that are no such files at all, and how it takes a good one.
struct Traits {
  std::string family{};
  std::string ending{};
  std::string media_type{};
  std::string good{};
  std::string other_ending{};  ///< of a family that this is not
  std::string bare_archive = type;
  std::string empty = broken;
  std::string test_virus = type;
  std::string cut = broken;           ///< two thirds of it
  std::string with_zeros = polyglot;  ///< 100,000 of them behind it
  std::string with_archive = polyglot;
  std::string noise = type;
  std::string of_page = type;
  bool macros_allowed = false;
};

std::vector<Case> common(const Traits& traits) {
  const std::string name = "scan." + traits.ending;
  const std::string& said = traits.media_type;
  const std::string& good = traits.good;
  std::string upper = "SCAN.";
  for (const char c : traits.ending) upper.push_back(static_cast<char>(c - 32));
  std::vector<Case> cases = {
      {"good", name, said, good, ""},
      {"good, of no said type", name, "application/octet-stream", good, ""},
      {"good, with parameters", name, said + "; charset=utf-8", good, ""},
      {"good, in capitals", upper, said, good, ""},
      {"good, behind a folder", "C:\\fakepath\\" + name, said, good, ""},
      {"under another ending", "scan." + traits.other_ending, "", good, type},
      {"as php", "scan.php", said, good, type},
      {"as php behind its ending", name + ".php", said, good, type},
      {"as a page", "scan.html", said, good, type},
      {"as svg", "scan.svg", said, good, type},
      {"without an ending", "scan", said, good, type},
      {"said to be a page", name, "text/html", good, type},
      {"said to be svg", name, "image/svg+xml", good, type},
      {"a page", name, said, page, traits.of_page},
      {"svg", name, said, picture_page, traits.of_page},
      {"php", name, said, php, traits.of_page},
      {"gif with a script", name, said, gif_script, type},
      {"a program of Windows", name, said, program, type},
      {"a program of Linux", name, said, elf, type},
      {"a script of a shell", name, said, shell, type},
      {"a bare archive", name, said, archive, traits.bare_archive},
      {"nothing", name, said, "", traits.empty},
      {"the test virus", name, said, std::string(eicar), traits.test_virus},
      {"cut off", name, said, good.substr(0, good.size() * 2 / 3), traits.cut},
      {"with zeros behind it", name, said, good + std::string(100'000, '\0'), traits.with_zeros},
      {"with an archive behind it", name, said, good + archive, traits.with_archive},
      {"noise", name, said, filler(5000), traits.noise},
  };
  for (Case& one : cases) one.macros_allowed = traits.macros_allowed;
  return cases;
}

FamilyCases family(const Traits& traits, std::vector<Case> more) {
  FamilyCases all{.family = traits.family, .cases = common(traits)};
  for (Case& one : more) {
    if (one.file_name.empty()) one.file_name = "scan." + traits.ending;
    one.macros_allowed = one.macros_allowed || traits.macros_allowed;
    all.cases.push_back(std::move(one));
  }
  return all;
}

Case of(std::string what, std::string bytes, std::string code) {
  return {.what = std::move(what), .bytes = std::move(bytes), .code = std::move(code)};
}

FamilyCases jpeg_family() {
  const std::string scan_only = "\xFF\xD8" + jpeg_segment(0xDA, "\x01\x01\0\0\x3F\0"s) + filler(50) + "\xFF\xD9";
  return family(
      {.family = "jpeg", .ending = "jpg", .media_type = "image/jpeg", .good = jpeg(), .other_ending = "png"},
      {of("with camera data", jpeg({.before_frame = jpeg_segment(0xE1, exif(6))}), ""),
       of("with a comment", jpeg({.before_frame = jpeg_segment(0xFE, page)}), ""),
       of("too many pixels", jpeg({.width = 20000, .height = 20000}), bomb),
       of("no pixels", jpeg({.width = 0}), broken), of("no end", jpeg({.has_end = false}), broken),
       of("no frame", scan_only, broken), of("a segment too short", "\xFF\xD8\xFF\xE0\0\x01"s + filler(50), broken),
       of("a few bytes behind it", jpeg() + std::string(4000, 'x'), ""),
       of("a page behind it", jpeg() + page + std::string(5000, ' '), polyglot),
       of("a second picture inside", "\xFF\xD8" + jpeg(), broken)});
}

FamilyCases png_family() {
  std::string flipped = png();
  flipped[20] = static_cast<char>(flipped[20] ^ 1);
  const std::string signature = png().substr(0, 8);
  return family({.family = "png", .ending = "png", .media_type = "image/png", .good = png(), .other_ending = "jpg"},
                {of("with camera data", png(16, 16, png_chunk("eXIf", exif(1).substr(6))), ""),
                 of("with a page in a text", png(16, 16, png_chunk("tEXt", "Comment" + "\0"s + page)), ""),
                 of("too many pixels", png(100'000, 100'000), bomb), of("no pixels", png(0, 16), broken),
                 of("a flipped bit", flipped, broken),
                 of("a chunk that must be known", png(16, 16, png_chunk("EVIL", "x")), broken),
                 of("a chunk that need not be", png(16, 16, png_chunk("evIl", "x")), ""),
                 of("two headers", png(16, 16, png_chunk("IHDR", std::string(13, '\x01'))), broken),
                 of("no data", signature + png().substr(8, 25) + png_chunk("IEND", ""), broken),
                 of("a chunk that never ends", signature + big(0xFFFFFFFF, 4) + "IHDR" + filler(50), broken),
                 of("a page behind it", png() + page + std::string(5000, ' '), polyglot)});
}

/// A document with one more object, which asks for something.
std::string pdf_with(std::string_view object) {
  return pdf("x\nendstream\nendobj\n4 0 obj\n" + std::string(object) + "\nendobj\n5 0 obj\n<< >>\nstream\n");
}

std::string deflated(std::string_view bytes) {
  std::string packed(compressBound(bytes.size()), '\0');
  uLongf size = packed.size();
  if (compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
               bytes.size()) != Z_OK)
    throw std::bad_alloc();
  packed.resize(size);
  return packed;
}

std::string object_stream(std::string_view objects, std::string_view kind = "/Type /ObjStm") {
  const std::string packed = deflated(objects);
  return "<<" + std::string(kind) + "/N 1/First 4/Filter/FlateDecode/Length " + std::to_string(packed.size()) +
         ">>stream\r\n" + packed + "\r\nendstream";
}

FamilyCases pdf_family() {
  const std::string script = "<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>";
  Case trusted = of("a script, where programs are allowed", pdf_with(script), "");
  trusted.macros_allowed = true;
  return family(
      {.family = "pdf", .ending = "pdf", .media_type = "application/pdf", .good = pdf(), .other_ending = "docx"},
      {of("with space before it", "\r\n\r\n" + pdf(), ""),
       of("a few bytes behind it", pdf() + std::string(4000, '\n'), ""),
       of("large", pdf(filler(300'000)), ""),
       of("a page before it", page + pdf(), type),
       of("an archive before it", "PK\x03\x04" + std::string(40, 'x') + pdf(), type),
       of("a picture before it", gif_script + pdf(), type),
       of("its beginning too late", std::string(2000, ' ') + pdf(), type),
       of("a small archive behind it", pdf() + zip({{.name = "a", .content = "b"}}), polyglot),
       of("a page behind it", pdf() + page + std::string(5000, ' '), polyglot),
       of("a script", pdf_with(script), active),
       of("a script in a large one", pdf(filler(200'000) + script), active),
       of("a script under another spelling", pdf_with("<< /S /J#61va#53cript /JS (1) >>"), active),
       of("a script among packed objects", pdf_with(object_stream("4 0 " + script)), active),
       of("a script behind other packed objects",
          pdf_with(object_stream("4 0 << /A 1 >>") + "\nendobj\n6 0 obj" + object_stream(filler(90'000) + script)),
          active),
       of("a program that it starts", pdf_with("<< /S /Launch /F (cmd.exe) >>"), active),
       of("a file within", pdf_with("<< /Type /EmbeddedFile /Length 0 >>"), active),
       of("packed objects that fill the memory",
          pdf_with(object_stream(std::string(std::size_t{8} * 1024 * 1024, ' '))), bomb),
       of("packed objects", pdf_with(object_stream("4 0 << /A 1 >>")), ""),
       of("packed objects that are none", pdf_with("<</Type/ObjStm/Filter/FlateDecode>>stream\nnothing\nendstream"),
          ""),
       of("a link whose address holds such words",
          pdf_with("<</S/URI/URI(https://ehr.example/launch?iss=https%3A//ehr.example/javascript/run/launch)>>"), ""),
       of("such words in brackets within a text",
          pdf_with(R"(<< /Title (a \) \\\( of /JavaScript (and /Launch ) or /RichMedia ) /A <(> /B <)> >>)"), ""),
       of("such words behind an escaped bracket", pdf_with("<</Title(a\\) of /Launch )>>"), ""),
       of("such words in a text behind a bracket in a stream",
          pdf_with("<<>>stream\n((\nendstream\nendobj\n6 0 obj<</URI(https://a.example/javascript/a)>>"), ""),
       of("such words in a text among packed objects",
          pdf_with(object_stream("4 0 <</S/URI/URI(https://a.example/javascript/a)>>")), ""),
       of("longer names", pdf_with("<< /Launcher 1 /JavaScripts 2 /Launch.1 3 >>"), ""),
       of("a blank picture behind packed objects",
          pdf_with(object_stream("4 0 << /A 1 >>") + "\nendobj\n6 0 obj" +
                   object_stream(std::string(std::size_t{8} * 1024 * 1024, ' '), "/Type/XObject")),
          ""),
       of("files within, by their list", pdf_with("<</Names<</EmbeddedFiles 9 0 R>>>>"), active),
       of("a program behind a bracket in a comment", pdf_with("% (\n<</S/Launch/F(cmd.exe)>> % )"), active),
       of("a program behind a bracket in a stream",
          pdf_with("<<>>stream\n((\nendstream\nendobj\n6 0 obj<</S/Launch/F(cmd.exe)>>%))\n"), active),
       of("a program behind a bracket among numbers", pdf_with("<</X<(>/S/Launch/F(cmd.exe)/Y<)>>>"), active),
       of("a program behind a bracket that stays open", pdf_with("(\n<</S/Launch/F(cmd.exe)>>"), active),
       of("a program in a text that is too long", pdf_with("<</X(" + std::string(70'000, ' ') + "/S/Launch )>>"),
          active),
       of("a program behind a text that is too long",
          pdf_with("<</X(" + std::string(70'000, ' ') + "\\(\\()/S/Launch/Y<))>>>"), active),
       of("a program in an object within a text", pdf_with("<</X(\n6 0 obj<</S/Launch/F(a)>>endobj)>>"), active),
       of("a program behind an object within a text",
          pdf_with("<</X(\n6 0 obj<</Y( \\)\\(\\()/S/Launch/F(a)>>endobj))>>"), active),
       of("a program behind a trailer within a text", pdf_with("<</X(\ntrailer )/Y(/Launch )>>"), active),
       of("a program in a text that never ends", pdf_with(object_stream("4 0 (/S/Launch ")), active),
       of("a program among comments with brackets", pdf_with("<</X 1%(\n/S/Launch/F 7 0 R%)\n>>"), active),
       of("a program among numbers with brackets", pdf_with("<</X<0(>/S/Launch/F 7 0 R/Y<)>>>"), active),
       of("a program behind an escaped backslash", pdf_with(R"(<</X(\\)/S/Launch/F 7 0 R/Y<)>>>)"), active),
       of("a name that is an object within a text", pdf_with("<</X(\n6 0 obj/Launch endobj)>>"), active),
       of("a name in a text behind an object within a text", pdf_with("<</X(6 0 obj 1)/Y(/Launch )>>"), active),
       of("a dictionary within a text, behind its name", pdf_with("<</X(/Launch <<)>>"), active),
       of("a dictionary within a text", pdf_with("<</X(<</S/Launch/F(a)>>)>>"), active),
       of("a script behind an object's word in a text",
          pdf_with(object_stream("4 0 " + script, "/X ( obj)/Type/ObjStm/Y ( obj)")), active),
       of("a script behind an object's word in a text at the end of its dictionary",
          pdf_with("<</Type/ObjStm/Filter/FlateDecode" + object_stream("4 0 " + script, "/X ( obj)").substr(2)),
          active),
       of("a script behind an object's word in a dictionary",
          pdf_with(object_stream("4 0 " + script, "/Type/ObjStm/Z 0 obj").replace(0, 2, "<</Filter/FlateDecode")),
          active),
       of("a script in a long dictionary",
          pdf_with(object_stream("4 0 " + script, "/Type/ObjStm" + std::string(8000, ' '))), active),
       of("a script behind another end of a line",
          pdf_with("<</Type/ObjStm/Filter/Fl>>stream \r" + deflated("4 0 " + script) + "\nendstream"), active),
       of("a word of a script in a packed page", pdf_with(object_stream("(/JavaScript) Tj", "")), ""),
       std::move(trusted),
       of("no table", "%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n", broken),
       of("no end", pdf().substr(0, pdf().size() - 7), broken)});
}

FamilyCases docx_family() {
  const std::string macro_types =
      R"(<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>)";
  std::vector<ZipEntry> many = docx_entries();
  for (int i = 0; i < 2100; ++i)
    many.push_back({.name = "word/media/" + std::to_string(i) + ".xml", .content = "x", .packed = false});
  auto renamed = docx_entries();
  renamed.back().listed_name = "word/documenu.xml";
  auto lying = docx_entries();
  lying.back().claimed = 5;
  auto streamed = docx_entries();
  for (ZipEntry& entry : streamed) entry.descriptor = true;
  auto stored = docx_entries();
  for (ZipEntry& entry : stored) entry.packed = false;
  std::string flipped = docx();
  flipped[flipped.find("[Content_Types].xml") + 40] ^= 1;
  const auto with = [](const char* name, std::string content, std::uint32_t mode = 0) {
    return docx({{.name = name, .content = std::move(content), .mode = mode}});
  };
  std::vector<Case> more = {
      of("stored, not packed", zip(stored), ""),
      of("written as a stream", zip(streamed), ""),
      of("with a picture", with("word/media/image1.jpeg", jpeg()), ""),
      of("with a folder of Unix", with("word/theme/theme1.xml", "<a/>", 0x81A4), ""),
      of("with a comment", zip(docx_entries(), "by us"), ""),
      of("with a long comment", zip(docx_entries(), std::string(5000, ' ')), polyglot),
      of("with macros", with("word/vbaProject.bin", filler(200)), active),
      of("with macros elsewhere", with("word/other/VBAPROJECT.BIN", filler(200)), active),
      of("of a type with macros",
         zip({{.name = "[Content_Types].xml", .content = macro_types}, {.name = "word/document.xml", .content = "x"}}),
         active),
      of("with a name that climbs", with("word/../../../etc/passwd", "x"), active),
      of("with an absolute name", with("/etc/passwd", "x"), active),
      of("with a name of Windows", with("word\\..\\..\\evil.xml", "x"), active),
      of("with a drive", with("C:evil.xml", "x"), active),
      of("with a link", with("word/link", "/etc/passwd", 0xA1FF), active),
      of("with a device", with("word/device", "", 0x61B6), active),
      of("with a program", with("word/media/run.exe", filler(50)), active),
      of("with a program by another name", with("word/media/image1.png", program), active),
      of("with a page", with("word/page.html", page), active),
      of("with an archive", with("word/embeddings/more.zip", archive), bomb),
      of("with an archive by another name", with("word/media/image1.png", archive), bomb),
      of("a bomb", with("word/media/image1.bmp", zeros(30'000'000)), bomb),
      of("too many parts", zip(many), bomb),
      of("two parts of one name", docx({{.name = "word/document.xml", .content = "another"}}), broken),
      of("listed under another name", zip(renamed), broken),
      of("with a false size", zip(lying), broken),
      of("a flipped bit", flipped, broken),
      of("something before it", "xxxx" + docx(), type),
      of("one byte behind it", docx() + "x", polyglot),
      of("no document in it", zip({{.name = "[Content_Types].xml", .content = docx_entries()[0].content}}), type),
      of("a sheet",
         zip({{.name = "[Content_Types].xml", .content = "<Types>spreadsheetml</Types>"},
              {.name = "xl/workbook.xml", .content = "x"}}),
         type),
  };
  Case allowed = of("with macros, where they are allowed", with("word/vbaProject.bin", filler(200)), "");
  allowed.macros_allowed = true;
  more.push_back(std::move(allowed));
  return family({.family = "docx",
                 .ending = "docx",
                 .media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                 .good = docx(),
                 .other_ending = "pdf"},
                std::move(more));
}

FamilyCases doc_family() {
  std::string wrong_order = doc();
  wrong_order[28] = 0;
  std::string no_tables = doc();
  no_tables.replace(44, 4, std::string(4, '\0'));
  FamilyCases all = family({.family = "doc",
                            .ending = "doc",
                            .media_type = "application/msword",
                            .good = doc(),
                            .other_ending = "docx",
                            .cut = "",  // where its streams end is not looked at
                            .macros_allowed = true},
                           {of("only its header", doc().substr(0, 512), type), of("a sheet", doc("Workbook"), type),
                            of("a program installer", doc("Installer"), type),
                            of("no order of bytes", wrong_order, broken), of("no tables", no_tables, broken)});
  all.cases.push_back({"where macros are not allowed", "letter.doc", "application/msword", doc(), type});
  for (Case& one : all.cases)  // what is behind it may belong to it as far as its tables reach
    if (one.what == "with an archive behind it") one.bytes = doc() + std::string(70'000, '\0') + archive;
  return all;
}

FamilyCases tiff_family() {
  return family({.family = "tiff",
                 .ending = "tiff",
                 .media_type = "image/tiff",
                 .good = tiff(),
                 .other_ending = "png",
                 .with_zeros = ""},  // where its pictures' data end is not looked at
                {of("with a place", tiff(16, 16, 34853), broken),
                 of("with camera data", tiff(16, 16, 34665), broken),
                 of("too many pixels", tiff(100'000, 100'000), bomb),
                 of("no pixels", tiff(0, 16), broken),
                 of("a directory behind its end", "II*\0"s + little(100'000, 4) + filler(100), broken),
                 of("an empty directory", "II*\0"s + little(8, 4) + little(0, 2) + little(0, 4), broken),
                 of("a directory that names itself",
                    "II*\0"s + little(8, 4) + little(1, 2) + little(256, 2) + little(4, 2) + little(1, 4) +
                        little(9, 4) + little(8, 4),
                    broken),
                 {"as tif", "scan.tif", "", tiff(), ""}});
}

FamilyCases webp_family() {
  return family({.family = "webp", .ending = "webp", .media_type = "image/webp", .good = webp(), .other_ending = "jpg"},
                {of("with camera data", webp(16, 16, webp_chunk("EXIF", exif(1))), ""),
                 of("with a chunk that is not known", webp(16, 16, webp_chunk("EVIL", page)), ""),
                 of("too many pixels", webp(16'000, 16'000), bomb),
                 of("of a false size", "RIFF" + little(9'999'998, 4) + webp().substr(8), broken),
                 of("no picture in it",
                    "RIFF"s + little(22, 4) + "WEBP" + webp_chunk("VP8X", "\0\0\0\0\x0F\0\0\x0F\0\0"s), broken),
                 of("a chunk longer than it", webp().substr(0, 34) + little(0xFFFFFF00, 4) + webp().substr(38), broken),
                 of("sound", "RIFF" + little(100, 4) + "WAVEfmt " + filler(92), type)});
}

FamilyCases dicom_family() {
  std::string no_group = dicom();
  no_group.replace(132, 4, "\x04\0\0\0"s);
  std::string no_data = dicom().substr(0, 132 + 12 + 28);
  return family(
      {.family = "dicom",
       .ending = "dcm",
       .media_type = "application/dicom",
       .good = dicom(),
       .other_ending = "jpg",
       .with_zeros = ""},  // where its data set ends is not looked at
      {of("a picture's beginning before it", dicom("II*\0"s + filler(100)), ""),
       of("a program before it", dicom(program.substr(0, 128)), type), of("a page before it", dicom(page), type),
       of("something before it", dicom("something"), polyglot), of("no header", no_group, broken),
       of("no data set", no_data, broken), of("not its word", dicom().replace(128, 4, "DICN"), type)});
}

FamilyCases text_family(const std::string& name, const std::string& ending, const std::string& media_type) {
  const std::string words = "Dear colleague,\r\n\tMrs Müller came with a sore knee; age,sex\n42,f\n";
  return family(
      {.family = name,
       .ending = ending,
       .media_type = media_type,
       .good = words,
       .other_ending = "json",
       .bare_archive = type,
       .test_virus = "",  // it is a text; the scanner finds it
       .cut = "",
       .with_zeros = broken,
       .with_archive = broken,
       .noise = broken},
      {of("with a mark of byte order", "\xEF\xBB\xBF" + words, ""), of("a character cut off", words + "\xC3", broken),
       of("Latin-1", "M\xFCller came today with a sore knee", broken),
       of("UTF-16", "\xFF\xFE" + "D\0e\0a\0r\0"s, broken), of("a bell", words + "\x07", broken),
       of("a script within", words + page, active), of("php within", words + php, active),
       of("a page behind space", "  \n\n " + page, type), of("large", std::string(400'000, 'a') + "\n", "")});
}

FamilyCases xml_family() {
  const std::string good =
      R"(<?xml version="1.0" encoding="UTF-8"?><!-- a note --><a x="1>"><b/><c>t &lt; u<![CDATA[<x>]]></c></a>)";
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<a>";
  return family(
      {.family = "xml",
       .ending = "xml",
       .media_type = "application/xml",
       .good = good,
       .other_ending = "json",
       .with_zeros = broken,
       .with_archive = broken,
       .of_page = "document.active|document.type"},
      {of("an entity of its own", R"(<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>)", active),
       of("entities that grow", R"(<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>)", active),
       of("shown by a sheet", R"(<?xml version="1.0"?><?xml-stylesheet href="evil.xsl"?><a/>)", active),
       of("a page's elements", R"(<a><x:b xmlns:x="http://www.w3.org/1999/xhtml"/></a>)", active),
       of("not closed", "<a><b></a>", broken), of("two roots", "<a/><b/>", broken),
       of("text behind it", "<a/>x", broken), of("too deep", deep, bomb), of("Latin-1", "<a>M\xFCller</a>", broken)});
}

FamilyCases json_family() {
  const std::string good =
      R"({"resourceType":"Patient","name":[{"family":"Müller","given":["A\"b"]}],"n":-1.5e+3,"t":true,"z":null,"e":[],"o":{}})";
  return family({.family = "json",
                 .ending = "json",
                 .media_type = "application/json",
                 .good = good,
                 .other_ending = "xml",
                 .test_virus = broken,
                 .with_zeros = broken,
                 .with_archive = broken,
                 .noise = broken},
                {of("a number alone", "42", ""), of("within space", " \n[1, 2]\n ", ""),
                 of("a comma too many", "[1,]", broken), of("two values", "{} {}", "document.broken|document.type"),
                 of("no quotes", "{a:1}", broken), of("a number with a zero", "[01]", broken),
                 of("a word", "[yes]", broken), of("too deep", std::string(200, '[') + std::string(200, ']'), bomb),
                 of("a control in a text", "[\"a\nb\"]", broken)});
}

}  // namespace

std::vector<FamilyCases> families() {
  return {jpeg_family(),
          png_family(),
          pdf_family(),
          docx_family(),
          doc_family(),
          tiff_family(),
          webp_family(),
          dicom_family(),
          text_family("txt", "txt", "text/plain"),
          text_family("csv", "csv", "text/csv"),
          xml_family(),
          json_family()};
}

}  // namespace medflow::testing::files
