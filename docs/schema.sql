-- Made from the tables in the code; a test holds it against them.

-- A tenant's data

CREATE TABLE "audit_events" ("seq" INTEGER PRIMARY KEY NOT NULL, "event" BLOB NOT NULL);
CREATE TRIGGER "audit_events.append_only.update" BEFORE UPDATE ON "audit_events" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER "audit_events.append_only.delete" BEFORE DELETE ON "audit_events" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE "audit_tiles" ("level" INTEGER NOT NULL, "number" INTEGER NOT NULL, "hashes" BLOB NOT NULL, PRIMARY KEY ("level", "number")) WITHOUT ROWID;
CREATE TRIGGER "audit_tiles.append_only.update" BEFORE UPDATE ON "audit_tiles" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER "audit_tiles.append_only.delete" BEFORE DELETE ON "audit_tiles" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE "audit_head" ("id" INTEGER PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "size" INTEGER NOT NULL, "root" BLOB NOT NULL, "seal" BLOB);
CREATE TABLE "audit_checkpoints" ("number" INTEGER PRIMARY KEY NOT NULL, "size" INTEGER NOT NULL, "note" TEXT NOT NULL);
CREATE TABLE "counters" ("name" TEXT NOT NULL, "revision" INTEGER NOT NULL, "value" INTEGER NOT NULL, PRIMARY KEY ("name")) WITHOUT ROWID;
CREATE TABLE "changes" ("number" INTEGER PRIMARY KEY NOT NULL, "table_id" INTEGER NOT NULL, "id" BLOB NOT NULL, "revision" INTEGER NOT NULL);
CREATE TRIGGER "changes.append_only.update" BEFORE UPDATE ON "changes" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER "changes.append_only.delete" BEFORE DELETE ON "changes" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE "answers" ("key" BLOB NOT NULL, "created_at" INTEGER NOT NULL, "subject_id" BLOB, "key_slot" INTEGER, "answer" BLOB NOT NULL, PRIMARY KEY ("key")) WITHOUT ROWID;
CREATE INDEX "answers.answers_age" ON "answers" ("created_at");
CREATE TABLE "facilities" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "name" TEXT NOT NULL, "zone" TEXT NOT NULL, "created_at" INTEGER NOT NULL, "created_by" BLOB NOT NULL, "updated_at" INTEGER NOT NULL, "updated_by" BLOB NOT NULL, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "settings" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "settings" BLOB NOT NULL, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "settings_history" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "settings" BLOB NOT NULL, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "users" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "display_name" TEXT NOT NULL, "status" TEXT NOT NULL, "roles" BLOB NOT NULL, "facilities" BLOB NOT NULL, "practitioner_id" BLOB, "patient_id" BLOB, "locale" TEXT NOT NULL, "issuer" TEXT, "subject" TEXT, "created_at" INTEGER NOT NULL, "created_by" BLOB NOT NULL, "updated_at" INTEGER NOT NULL, "updated_by" BLOB NOT NULL, "invitation_expires_at" INTEGER, "admin" INTEGER, "email_token" BLOB, "invitation_hash" BLOB, "identity_token" BLOB, "contact" BLOB, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE INDEX "users.users_admin" ON "users" ("admin");
CREATE UNIQUE INDEX "users.users_email" ON "users" ("email_token");
CREATE UNIQUE INDEX "users.users_invitation" ON "users" ("invitation_hash");
CREATE UNIQUE INDEX "users.users_identity" ON "users" ("identity_token");
CREATE TABLE "user_activity" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "last_login_at" INTEGER NOT NULL, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "sessions" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "user_id" BLOB NOT NULL, "issued_at" INTEGER NOT NULL, "last_used_at" INTEGER NOT NULL, "expires_at" INTEGER NOT NULL, "revoked_at" INTEGER, "reason" TEXT NOT NULL, "amr" INTEGER NOT NULL, "epoch" INTEGER NOT NULL, "rotated_at" INTEGER, "live_user_id" BLOB, "refresh_hash" BLOB, "contact" BLOB, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE INDEX "sessions.sessions_live" ON "sessions" ("live_user_id");
CREATE UNIQUE INDEX "sessions.sessions_refresh" ON "sessions" ("refresh_hash");
CREATE INDEX "sessions.sessions_end" ON "sessions" ("expires_at");
CREATE TABLE "used_refresh_tokens" ("hash" BLOB NOT NULL, "session_id" BLOB NOT NULL, "used_at" INTEGER NOT NULL, PRIMARY KEY ("hash")) WITHOUT ROWID;
CREATE INDEX "used_refresh_tokens.used_refresh_tokens_at" ON "used_refresh_tokens" ("used_at");
CREATE TABLE "throttles" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "kind" TEXT NOT NULL, "count" INTEGER NOT NULL, "since" INTEGER NOT NULL, "last_at" INTEGER NOT NULL, "address_token" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE INDEX "throttles.throttles_address" ON "throttles" ("address_token");
CREATE INDEX "throttles.throttles_last" ON "throttles" ("last_at");
CREATE TABLE "one_time_links" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "user_id" BLOB NOT NULL, "expires_at" INTEGER NOT NULL, "created_at" INTEGER NOT NULL, "token_hash" BLOB NOT NULL, "contact" BLOB, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "one_time_links.links_token" ON "one_time_links" ("token_hash");
CREATE INDEX "one_time_links.links_user" ON "one_time_links" ("user_id", "id");
CREATE INDEX "one_time_links.links_end" ON "one_time_links" ("expires_at", "id");
CREATE TABLE "messages" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "kind" TEXT NOT NULL, "state" TEXT NOT NULL, "user_id" BLOB NOT NULL, "link_id" BLOB NOT NULL, "attempts" INTEGER NOT NULL, "next_at" INTEGER, "expires_at" INTEGER NOT NULL, "sent_at" INTEGER, "created_at" INTEGER NOT NULL, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "messages.messages_due" ON "messages" ("next_at", "id");
CREATE INDEX "messages.messages_end" ON "messages" ("expires_at", "id");
CREATE TABLE "patients" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "unidentified" INTEGER NOT NULL, "language" TEXT NOT NULL, "zone" TEXT, "interpreter" INTEGER NOT NULL, "status" TEXT NOT NULL, "facilities" BLOB NOT NULL, "created_at" INTEGER NOT NULL, "created_by" BLOB NOT NULL, "updated_at" INTEGER NOT NULL, "updated_by" BLOB NOT NULL, "deleted_at" INTEGER, "deleted_by" BLOB, "subject_id" BLOB NOT NULL, "key_slot" INTEGER NOT NULL, "identity" BLOB, "contact" BLOB, "clinical" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id"));
CREATE TABLE "patient_tokens" ("token" BLOB NOT NULL, "patient_id" BLOB NOT NULL, PRIMARY KEY ("token", "patient_id")) WITHOUT ROWID;
CREATE TABLE "patient_facilities" ("facility_id" BLOB NOT NULL, "patient_id" BLOB NOT NULL, PRIMARY KEY ("facility_id", "patient_id")) WITHOUT ROWID;

-- The platform's data

CREATE TABLE "audit_events" ("seq" INTEGER PRIMARY KEY NOT NULL, "event" BLOB NOT NULL);
CREATE TRIGGER "audit_events.append_only.update" BEFORE UPDATE ON "audit_events" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER "audit_events.append_only.delete" BEFORE DELETE ON "audit_events" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE "audit_tiles" ("level" INTEGER NOT NULL, "number" INTEGER NOT NULL, "hashes" BLOB NOT NULL, PRIMARY KEY ("level", "number")) WITHOUT ROWID;
CREATE TRIGGER "audit_tiles.append_only.update" BEFORE UPDATE ON "audit_tiles" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER "audit_tiles.append_only.delete" BEFORE DELETE ON "audit_tiles" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE "audit_head" ("id" INTEGER PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "size" INTEGER NOT NULL, "root" BLOB NOT NULL, "seal" BLOB);
CREATE TABLE "audit_checkpoints" ("number" INTEGER PRIMARY KEY NOT NULL, "size" INTEGER NOT NULL, "note" TEXT NOT NULL);
CREATE TABLE "counters" ("name" TEXT NOT NULL, "revision" INTEGER NOT NULL, "value" INTEGER NOT NULL, PRIMARY KEY ("name")) WITHOUT ROWID;
CREATE TABLE "changes" ("number" INTEGER PRIMARY KEY NOT NULL, "table_id" INTEGER NOT NULL, "id" BLOB NOT NULL, "revision" INTEGER NOT NULL);
CREATE TRIGGER "changes.append_only.update" BEFORE UPDATE ON "changes" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER "changes.append_only.delete" BEFORE DELETE ON "changes" BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE "answers" ("key" BLOB NOT NULL, "created_at" INTEGER NOT NULL, "subject_id" BLOB, "key_slot" INTEGER, "answer" BLOB NOT NULL, PRIMARY KEY ("key")) WITHOUT ROWID;
CREATE INDEX "answers.answers_age" ON "answers" ("created_at");
CREATE TABLE "tenants" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "slug" TEXT NOT NULL, "name" TEXT NOT NULL, "status" TEXT NOT NULL, "default_zone" TEXT NOT NULL, "currency" TEXT NOT NULL, "locale" TEXT NOT NULL, "engine" TEXT NOT NULL, "schema_version" INTEGER NOT NULL, "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "placement" TEXT NOT NULL, "leftover" TEXT NOT NULL, "seal" BLOB NOT NULL, PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "tenants.tenants_slug" ON "tenants" ("slug");
CREATE TABLE "users" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "display_name" TEXT NOT NULL, "status" TEXT NOT NULL, "roles" BLOB NOT NULL, "facilities" BLOB NOT NULL, "practitioner_id" BLOB, "patient_id" BLOB, "locale" TEXT NOT NULL, "issuer" TEXT, "subject" TEXT, "created_at" INTEGER NOT NULL, "created_by" BLOB NOT NULL, "updated_at" INTEGER NOT NULL, "updated_by" BLOB NOT NULL, "invitation_expires_at" INTEGER, "admin" INTEGER, "email_token" BLOB, "invitation_hash" BLOB, "identity_token" BLOB, "contact" BLOB, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE INDEX "users.users_admin" ON "users" ("admin");
CREATE UNIQUE INDEX "users.users_email" ON "users" ("email_token");
CREATE UNIQUE INDEX "users.users_invitation" ON "users" ("invitation_hash");
CREATE UNIQUE INDEX "users.users_identity" ON "users" ("identity_token");
CREATE TABLE "user_activity" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "last_login_at" INTEGER NOT NULL, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "sessions" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "user_id" BLOB NOT NULL, "issued_at" INTEGER NOT NULL, "last_used_at" INTEGER NOT NULL, "expires_at" INTEGER NOT NULL, "revoked_at" INTEGER, "reason" TEXT NOT NULL, "amr" INTEGER NOT NULL, "epoch" INTEGER NOT NULL, "rotated_at" INTEGER, "live_user_id" BLOB, "refresh_hash" BLOB, "contact" BLOB, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE INDEX "sessions.sessions_live" ON "sessions" ("live_user_id");
CREATE UNIQUE INDEX "sessions.sessions_refresh" ON "sessions" ("refresh_hash");
CREATE INDEX "sessions.sessions_end" ON "sessions" ("expires_at");
CREATE TABLE "used_refresh_tokens" ("hash" BLOB NOT NULL, "session_id" BLOB NOT NULL, "used_at" INTEGER NOT NULL, PRIMARY KEY ("hash")) WITHOUT ROWID;
CREATE INDEX "used_refresh_tokens.used_refresh_tokens_at" ON "used_refresh_tokens" ("used_at");
CREATE TABLE "throttles" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "kind" TEXT NOT NULL, "count" INTEGER NOT NULL, "since" INTEGER NOT NULL, "last_at" INTEGER NOT NULL, "address_token" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE INDEX "throttles.throttles_address" ON "throttles" ("address_token");
CREATE INDEX "throttles.throttles_last" ON "throttles" ("last_at");
CREATE TABLE "one_time_links" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "user_id" BLOB NOT NULL, "expires_at" INTEGER NOT NULL, "created_at" INTEGER NOT NULL, "token_hash" BLOB NOT NULL, "contact" BLOB, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "one_time_links.links_token" ON "one_time_links" ("token_hash");
CREATE INDEX "one_time_links.links_user" ON "one_time_links" ("user_id", "id");
CREATE INDEX "one_time_links.links_end" ON "one_time_links" ("expires_at", "id");
CREATE TABLE "messages" ("id" BLOB NOT NULL, "revision" INTEGER NOT NULL, "kind" TEXT NOT NULL, "state" TEXT NOT NULL, "user_id" BLOB NOT NULL, "link_id" BLOB NOT NULL, "attempts" INTEGER NOT NULL, "next_at" INTEGER, "expires_at" INTEGER NOT NULL, "sent_at" INTEGER, "created_at" INTEGER NOT NULL, "secret" BLOB, "seal" BLOB NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "messages.messages_due" ON "messages" ("next_at", "id");
CREATE INDEX "messages.messages_end" ON "messages" ("expires_at", "id");

-- A key store

CREATE TABLE "tenant_keys" ("version" INTEGER PRIMARY KEY NOT NULL, "root_id" BLOB NOT NULL, "wrapped" BLOB NOT NULL);
CREATE TABLE "own_keys" ("purpose" TEXT NOT NULL, "version" INTEGER NOT NULL, "wrapped" BLOB NOT NULL, PRIMARY KEY ("purpose", "version")) WITHOUT ROWID;
CREATE TABLE "patient_keys" ("slot" INTEGER PRIMARY KEY NOT NULL, "wrapped" BLOB NOT NULL);
