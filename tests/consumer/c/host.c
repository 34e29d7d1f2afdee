/* A C99 host that found an installed MedFlow: opens a platform, makes a hospital in it and lists it. */
#include <medflow.h>
#include <stdio.h>
#include <string.h>

static int fail(const char* step, char* out) {
  fprintf(stderr, "%s: %s\n", step, out == NULL ? "" : out);
  medflow_free(out);
  return 1;
}

int main(void) {
  const unsigned char root_key[32] = {1};
  const char* const options = "{\"engine\":\"memory:\",\"create\":true}";
  const char* const hospital =
      "{\"slug\":\"general\",\"name\":\"General\",\"default_zone\":\"Europe/London\",\"currency\":\"GBP\"}";
  medflow_handle platform = 0;
  medflow_handle root = 0;
  char* out = NULL;

  if (medflow_open(options, root_key, sizeof root_key, &platform, &out) != MEDFLOW_OK) return fail("open", out);
  if (medflow_operator(platform, "host", &root, &out) != MEDFLOW_OK) return fail("operator", out);
  if (medflow_call(root, "tenants.provision", hospital, &out) != MEDFLOW_OK) return fail("provision", out);
  medflow_free(out);
  if (medflow_call(root, "tenants.list", NULL, &out) != MEDFLOW_OK) return fail("list", out);
  if (strstr(out, "\"slug\":\"general\"") == NULL || strlen(out) != medflow_size(out)) return fail("list", out);
  medflow_free(out);
  if (medflow_call(root, "patients.list", NULL, &out) != MEDFLOW_FORBIDDEN) return fail("patients", out);
  medflow_free(out);
  if (medflow_release(platform) != MEDFLOW_OK || medflow_release(root) != MEDFLOW_INVALID) return fail("release", NULL);
  printf("found MedFlow %s\n", medflow_version());
  return 0;
}
