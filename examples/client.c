/* A hospital inside a C program: made, staffed and used. A real one would read JSON with a library of its choice. */
#include <medflow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Shows what is wrong and ends the program; frees the problem. */
static void check(int status, char* out) {
  if (status != MEDFLOW_OK) {
    fprintf(stderr, "failed with %d: %s\n", status, out == NULL ? "" : out);
    medflow_free(out);
    exit(1);
  }
}

/* Runs an operation; the answer is the caller's. */
static char* call(medflow_handle session, const char* operation, const char* request) {
  char* out = NULL;
  check(medflow_call(session, operation, request, &out), out);
  return out;
}

/* Copies the first text member of this name. */
static void member(const char* json, const char* name, char* to, size_t capacity) {
  char key[40];
  const char* from;
  size_t length;
  snprintf(key, sizeof key, "\"%s\":\"", name);
  from = strstr(json, key);
  if (from == NULL) exit(1);
  from += strlen(key);
  length = strcspn(from, "\"");
  if (length >= capacity) exit(1);
  memcpy(to, from, length);
  to[length] = '\0';
}

/* The invited person sets a password, and signs in. */
static medflow_handle join(medflow_handle platform, const char* invitation, const char* email, const char* password) {
  medflow_handle visitor = 0;
  medflow_handle session = 0;
  char request[4096];
  char token[2048];
  char* out = NULL;
  check(medflow_visit(platform, "general", &visitor, &out), out);
  member(invitation, "token", token, sizeof token);
  snprintf(request, sizeof request, "{\"invitation\":\"%s\",\"password\":\"%s\"}", token, password);
  medflow_free(call(visitor, "auth.register", request));
  snprintf(request, sizeof request, "{\"email\":\"%s\",\"password\":\"%s\"}", email, password);
  out = call(visitor, "auth.login", request);
  member(out, "access_token", token, sizeof token);
  medflow_free(out);
  check(medflow_authenticate(platform, token, &session, &out), out);
  medflow_release(visitor);
  return session;
}

int main(void) {
  const unsigned char root_key[32] = {1, 2, 3}; /* of a demonstration: a real one comes from medflow_make_root_key */
  const char* const options = "{\"engine\":\"memory:\",\"create\":true}";
  medflow_handle platform = 0;
  medflow_handle root = 0;
  medflow_handle admin;
  medflow_handle desk;
  char request[1024];
  char id[64];
  char mrn[64];
  char given[64];
  char family[64];
  char birth[64];
  char* out = NULL;
  int status;

  check(medflow_open(options, root_key, sizeof root_key, &platform, &out), out);
  check(medflow_operator(platform, "client.c", &root, &out), out);

  out = call(
      root, "tenants.provision",
      "{\"slug\":\"general\",\"name\":\"General Hospital\",\"default_zone\":\"Europe/Berlin\",\"currency\":\"EUR\"}");
  member(out, "id", id, sizeof id);
  medflow_free(out);
  snprintf(request, sizeof request, "{\"id\":\"%s\",\"email\":\"ada@example.org\",\"display_name\":\"Ada\"}", id);
  out = call(root, "users.invite_first_admin", request);
  admin = join(platform, out, "ada@example.org", "violet tundra 47");
  medflow_free(out);

  out = call(admin, "facilities.list", NULL);
  member(out, "id", id, sizeof id);
  medflow_free(out);
  snprintf(
      request, sizeof request,
      "{\"email\":\"rita@example.org\",\"display_name\":\"Rita\",\"roles\":[\"receptionist\"],\"facilities\":[\"%s\"]}",
      id);
  out = call(admin, "users.invite", request);
  desk = join(platform, out, "rita@example.org", "anchor mosaic 12");
  medflow_free(out);

  medflow_free(
      call(desk, "patients.register",
           "{\"names\":[{\"family\":\"M\xc3\xbcller\",\"given\":[\"Anna\"]}],\"birth\":{\"date\":\"1985-03-14\"},"
           "\"sex_admin\":\"female\"}"));
  out = call(desk, "patients.list", "{\"name\":\"muller an\"}");
  member(out, "mrn", mrn, sizeof mrn);
  member(out, "family", family, sizeof family);
  member(strstr(out, "\"given\":["), "date", birth, sizeof birth);
  sscanf(strstr(out, "\"given\":["), "\"given\":[\"%63[^\"]", given);
  medflow_free(out);
  printf("%s %s %s %s\n", mrn, given, family, birth);

  status = medflow_call(desk, "patients.register", "{\"names\":[]}", &out);
  member(out, "pointer", id, sizeof id);
  printf("%s ['%s']\n", status == MEDFLOW_INVALID ? "invalid" : "?", id);
  medflow_free(out);

  return medflow_release(platform); /* and with it every session */
}
