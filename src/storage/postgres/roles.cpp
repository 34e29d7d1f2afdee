#include "storage/postgres/roles.hpp"

#include "storage/postgres/sql.hpp"

namespace medflow::inline v1::storage::postgres {
namespace {

bool exists(Link& link, const std::string& role) {
  return link.holds("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", {role});
}

// Roles belong to the whole server, where others may make the same ones at the same time.
void make_role(Link& migrator, const std::string& role, const std::string& options) {
  if (exists(migrator, role)) return;
  const auto refusal = migrator.attempt("CREATE ROLE " + quoted(role) + ' ' + options);
  if (!refusal || exists(migrator, role)) return;
  if (refusal->state == "42501")
    throw Fault{FaultKind::misuse, "role " + role,
                "is missing, and the role of DIRECT_URL may not make it: CREATE ROLE " + quoted(role) + ' ' +
                    options.substr(0, options.find(" PASSWORD"))};
  throw fault_of(*refusal, migrator.place());
}

[[noreturn]] void refuse(const std::string& role, const std::string& reason) {
  throw Fault{FaultKind::misuse, "role " + role,
              reason +
                  "; DATABASE_URL has to name a role that row level security binds, such as one made by CREATE ROLE "
                  "medflow_app LOGIN PASSWORD '…', and DIRECT_URL the one that makes the tables"};
}

}  // namespace

void make_roles(Link& migrator, const PostgresOptions& options) {
  const auto app = user_of(options.url);
  const auto password = password_of(options.url);
  if (app == user_of(options.direct_url)) refuse(app, "DATABASE_URL and DIRECT_URL name one role");
  make_role(migrator, options.owner, "NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE");
  make_role(migrator, app,
            "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE" +
                (password.empty() ? "" : " PASSWORD " + migrator.literal(migrator.verifier(password, app))));
  if (migrator.holds("SELECT pg_has_role($1, 'MEMBER')", {options.owner})) return;
  if (migrator.attempt("GRANT " + quoted(options.owner) + " TO CURRENT_USER"))
    throw Fault{FaultKind::misuse, "role " + user_of(options.direct_url),
                "is no member of " + options.owner + ": GRANT " + options.owner + " TO it"};
}

void check_role(Link& link, const std::string& owner) {
  const Result row = link.ask(
      "SELECT current_user, rolsuper, rolbypassrls, "
      "coalesce((SELECT pg_has_role(current_user, owner.oid, 'MEMBER') FROM pg_roles owner WHERE owner.rolname = $1), "
      "false), "
      "EXISTS (SELECT FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id' "
      "WHERE relkind IN ('r', 'p') AND pg_has_role(current_user, relowner, 'MEMBER')), "
      "to_regclass('medflow.stores') IS NOT NULL "
      "FROM pg_roles WHERE rolname = current_user",
      {owner});
  const std::string role{text_at(row, 0, 0)};
  const auto holds = [&](int column) { return text_at(row, 0, column) == "t"; };
  if (holds(1)) refuse(role, "is a superuser");
  if (holds(2)) refuse(role, "has BYPASSRLS");
  if (holds(3) || holds(4)) refuse(role, "owns the tables");
  if (!holds(5))
    throw Fault{FaultKind::unavailable, link.place(), "the database has not been prepared; give DIRECT_URL once"};
}

}  // namespace medflow::inline v1::storage::postgres
