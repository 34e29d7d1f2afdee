#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "payers/entities.hpp"
#include "storage/block_codec.hpp"

namespace medflow::inline v1::payers {

using kernel::Rows;
using kernel::Work;

namespace {

template <class Request>
void copy_content(const Request& request, Payer& payer) {
  payer.name = request.name;
  payer.address = request.address;
  payer.email = request.email;
  payer.terms_days = request.terms_days;
}

/// The content as bytes, to compare.
std::string content_of(Payer payer) {
  payer.revision = 0;
  payer.created_at = payer.updated_at = {};
  payer.created_by = payer.updated_by = {};
  std::string bytes;
  storage::encode_fields(type_of<Payer>, &payer, 0, bytes);
  return bytes;
}

}  // namespace

Page<Payer> handle(Work& work, const List& request) {
  const std::string_view query = request.active ? (*request.active ? "+" : "-") : "";
  return kernel::page_by_id<Payer>(work, request.limit, request.cursor, query, [&](const Payer& payer) {
    return !request.active || payer.active == *request.active;
  });
}

Payer handle(Work& work, const Get& request) { return Rows<Payer>(work).get(request.id); }

Payer handle(Work& work, const Create& request) {
  Rows<Payer> rows(work);
  Payer payer{.id = request.id ? *request.id : work.make_id<PayerId>(), .code = request.code};
  copy_content(request, payer);
  if (request.id) {
    work.about(request.id->uuid);
    if (auto there = rows.find(*request.id)) {
      if (content_of(*there) == content_of(payer)) return *there;
      throw Failure(codes::id_reused);
    }
  }
  rows.insert(payer);
  return payer;
}

Payer handle(Work& work, const Update& request) {
  Rows<Payer> rows(work);
  Payer payer = rows.get(request.id);
  copy_content(request, payer);
  if (request.active) payer.active = *request.active;
  rows.update(payer, request.revision);
  return payer;
}

}  // namespace medflow::inline v1::payers

MEDFLOW_HANDLE(medflow::payers::List);
MEDFLOW_HANDLE(medflow::payers::Get);
MEDFLOW_HANDLE(medflow::payers::Create);
MEDFLOW_HANDLE(medflow::payers::Update);
