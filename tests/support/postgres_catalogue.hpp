// What a database says of itself, held against the rules of isolation.
#pragma once

#include <string>
#include <vector>

#include "storage/postgres/link.hpp"

namespace medflow::testing {

/// One line for each object that breaks a rule: tables and views, indexes and foreign keys, functions, policies and rights.
inline std::vector<std::string> catalogue_findings(storage::postgres::Link& link, const std::string& app) {
  static constexpr const char* ours =
      "WITH space AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> "
      "'information_schema'), "
      "member AS (SELECT objid FROM pg_depend WHERE deptype = 'e'), "
      "relation AS (SELECT c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl, "
      "c.reloptions, "
      "s.nspname || '.' || c.relname AS name, (SELECT attnum FROM pg_attribute WHERE attrelid = c.oid AND attname = "
      "'tenant_id') "
      "AS tenant FROM pg_class c JOIN space s ON s.oid = c.relnamespace WHERE c.oid NOT IN (SELECT objid FROM "
      "member)) ";
  static constexpr const char* rules[] = {
      "SELECT name || ': a table without row level security, forced' FROM relation WHERE relkind IN ('r', 'p') AND "
      "tenant IS NOT NULL "
      "AND NOT (relrowsecurity AND relforcerowsecurity)",
      "SELECT name || ': a table without tenant_id' FROM relation WHERE relkind IN ('r', 'p') AND tenant IS NULL "
      "AND name NOT IN ('medflow.stores', 'medflow.structure')",
      "SELECT name || ': a policy that is not the tenant''s' FROM relation WHERE relkind IN ('r', 'p') AND tenant IS "
      "NOT NULL AND NOT "
      "((SELECT count(*) FROM pg_policy WHERE polrelid = relation.oid) = 1 AND EXISTS (SELECT FROM pg_policy WHERE "
      "polrelid = "
      "relation.oid AND polcmd = '*' AND polroles = '{0}' AND pg_get_expr(polqual, polrelid) = "
      "'(tenant_id = ( SELECT (NULLIF(current_setting(''mf.tenant''::text, true), ''''::text))::uuid AS \"nullif\"))' "
      "AND pg_get_expr(polwithcheck, polrelid) = pg_get_expr(polqual, polrelid)))",
      "SELECT name || ': an index that does not begin with tenant_id: ' || indexrelid::regclass FROM relation JOIN "
      "pg_index ON indrelid "
      "= relation.oid WHERE relkind IN ('r', 'p') AND tenant IS NOT NULL AND indkey[0] <> tenant",
      "SELECT name || ': a foreign key without tenant_id: ' || conname FROM relation JOIN pg_constraint ON conrelid = "
      "relation.oid "
      "WHERE contype = 'f' AND (tenant IS NULL OR NOT tenant = ANY (conkey))",
      "SELECT name || ': a view with its owner''s rights' FROM relation WHERE relkind = 'v' AND NOT "
      "coalesce(reloptions @> "
      "'{security_invoker=true}', false)",
      "SELECT name || ': a materialized view' FROM relation WHERE relkind = 'm'",
      "SELECT p.oid::regprocedure || ': a function with its owner''s rights' FROM pg_proc p JOIN space ON space.oid = "
      "pronamespace "
      "WHERE prosecdef AND p.oid NOT IN (SELECT objid FROM member)",
      "SELECT name || ': the role that works may ' || right_ FROM relation, "
      "unnest('{TRUNCATE,REFERENCES,TRIGGER}'::text[]) right_ "
      "WHERE relkind IN ('r', 'p', 'v', 'm') AND has_table_privilege($1, relation.oid, right_)",
      "SELECT name || ': the role that works may change an append-only table' FROM relation WHERE EXISTS (SELECT FROM "
      "pg_trigger JOIN "
      "pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = relation.oid AND proname = 'append_only') AND "
      "has_table_privilege($1, relation.oid, 'UPDATE, DELETE')",
      "SELECT name || ': everybody has rights' FROM relation, aclexplode(relacl) WHERE grantee = 0",
      "SELECT name || ': belongs to the role that works' FROM relation WHERE pg_has_role($1, relowner, 'MEMBER')",
      "SELECT nspname || ': the role that works may create there' FROM space WHERE has_schema_privilege($1, oid, "
      "'CREATE')",
      "SELECT rolname || ': the role that works is above the rules' FROM pg_roles, space WHERE rolname = $1 AND "
      "(rolsuper OR "
      "rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication) AND nspname = 'medflow'"};
  std::vector<std::string> findings;
  for (const char* rule : rules) {
    const std::string sql = std::string{ours} + "SELECT * FROM (" + rule + ") found WHERE $1 <> '' ORDER BY 1";
    const auto rows = link.ask(sql, {app});
    for (int row = 0; row < PQntuples(rows.get()); ++row)
      findings.emplace_back(storage::postgres::text_at(rows, row, 0));
  }
  return findings;
}

}  // namespace medflow::testing
