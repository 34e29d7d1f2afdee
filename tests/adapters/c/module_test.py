"""The Python module, on a hospital in memory."""

import base64
import datetime
import decimal
import io
import json
import os
import tempfile
import threading
import unittest
import uuid

import medflow

PASSWORD = "violet tundra 47 anchor mosaic"
ANNA = {"names": [{"family": "Okafor", "given": ["Anna"]}], "birth": {"date": "1985-03-14"}, "sex_admin": "female"}
CSV = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
    "BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE,INCOME\n"
    "01890a5d-ac96-774b-bcce-b302099a8057,1985-03-14,,999-10-1234,,,,Ngozi,,Adeyemi,,,,,,F,,1 High Street,Salem,"
    "California,,,90210,,,,,\n"
).encode()


class SignaturesTest(unittest.TestCase):
    def test_every_function_of_the_library_is_declared(self):
        with open(os.path.join(os.path.dirname(__file__), "symbols.txt"), encoding="ascii") as file:
            symbols = {line.split("@@")[0] for line in file}
        left_out = {"medflow_open_functions"}  # functions of an interpreter that ends before the library's threads do
        declared = {*medflow._SIGNATURES, *medflow._PLAIN_SIGNATURES}
        self.assertEqual(declared | left_out, symbols)
        self.assertFalse(declared & left_out)


class ModuleTest(unittest.TestCase):
    def setUp(self):
        self.platform = medflow.open(
            "memory:", root_key=bytes(32), create=True, password_memory_kib=19456, password_passes=2
        )
        self.addCleanup(self.platform.close)
        root = self.platform.operator("test")
        tenant = root.tenants.provision(slug="saint-mary", name="Saint Mary", default_zone="UTC", currency="GBP")
        self.admin = self.join(
            root.users.invite_first_admin(id=tenant["id"], email="ada@example.org", display_name="Ada")
        )
        self.facility = self.admin.facilities.list()["data"][0]["id"]
        self.desk = self.join(
            self.admin.users.invite(
                email="rita@example.org", display_name="Rita", roles=["receptionist"], facilities=[self.facility]
            )
        )

    def join(self, invitation):
        with self.platform.visit("saint-mary") as visitor:
            visitor.auth.register(invitation=invitation["token"], password=PASSWORD)
        return self.platform.sign_in("saint-mary", invitation["user"]["email"], PASSWORD)

    def test_an_operation_is_a_method_or_a_name(self):
        made = self.desk.patients.register(**ANNA)
        self.assertEqual(self.desk.call("patients.get", id=made["id"]), made)
        self.assertIsNone(self.admin.patients.delete(id=made["id"], reason="entered twice by mistake"))

    def test_a_key_makes_a_call_safe_to_send_again(self):
        made = self.desk.patients.register(**ANNA, idempotency_key="key-1")
        self.assertEqual(self.desk.call("patients.register", **ANNA, idempotency_key="key-1"), made)
        self.assertNotEqual(self.desk.patients.register(**ANNA, idempotency_key="key-2")["id"], made["id"])
        nowhere = "01890a5d-ac96-774b-bcce-b302099a8057"
        for keys, code in (({}, "idempotency.required"), ({"idempotency_key": "key-3"}, "not_found")):
            with self.assertRaises(medflow.MedflowError) as raised:
                self.desk.invoices.issue(id=nowhere, **keys)
            self.assertEqual(raised.exception.code, code)

    def test_every_operation_of_the_library_can_be_named(self):
        for row in medflow.operations():
            module, verb = row["name"].split(".")
            self.assertIn(module, dir(self.desk))
            self.assertIn(verb, dir(getattr(self.desk, module)))
            self.assertTrue(callable(getattr(getattr(self.desk, module), verb)))
        for wrong in (lambda: self.desk.wizards, lambda: self.desk.patients.enchant):
            with self.assertRaises(AttributeError):
                wrong()

    def test_an_error_says_what_is_wrong(self):
        with self.assertRaises(medflow.MedflowError) as raised:
            self.desk.patients.register(names=[], sex_admin="male", emails=["no address"])
        self.assertEqual((raised.exception.code, raised.exception.kind, raised.exception.status), ("invalid", "invalid", 1))
        self.assertIn("/emails/0", [field["pointer"] for field in raised.exception.fields])
        with self.assertRaises(medflow.MedflowError) as raised:
            self.desk.call("no.such")
        self.assertEqual(raised.exception.code, "operation.unknown")
        with self.assertRaises(ValueError):
            self.platform.visit("saint\0mary")

    def test_a_member_is_what_has_a_form_in_json(self):
        made = self.desk.patients.register(**{**ANNA, "birth": {"date": datetime.date(1985, 3, 14)}})
        self.assertEqual(made["birth"]["date"], "1985-03-14")
        self.assertEqual(self.desk.patients.get(id=uuid.UUID(made["id"])), made)
        self.assertEqual(
            json.loads(medflow._json([decimal.Decimal("36.60"), datetime.datetime(2026, 11, 22, 9, 30)])),
            ["36.60", "2026-11-22T09:30:00"],
        )
        with self.platform.visit("saint-mary") as visitor:
            for password in (PASSWORD.encode(), {PASSWORD}, object()):
                with self.assertRaises(TypeError) as raised:
                    visitor.auth.login(email="rita@example.org", password=password)
                self.assertNotIn(PASSWORD, str(raised.exception))
            with self.assertRaises(TypeError):
                visitor.caller(address=b"203.0.113.7")
        with self.assertRaises(TypeError):
            medflow._json(decimal.Decimal("NaN"))

    def test_a_caller_is_told_apart_and_named_in_the_audit_log(self):
        for i in range(20):
            with self.assertRaises(medflow.MedflowError) as raised:
                self.platform.sign_in("saint-mary", f"nobody{i}@example.org", "a wrong password", address="203.0.113.7")
            self.assertEqual(raised.exception.code, "auth.failed")
        with self.assertRaises(medflow.MedflowError) as raised:
            self.platform.sign_in("saint-mary", "nobody@example.org", "a wrong password", address="203.0.113.7")
        self.assertEqual(raised.exception.code, "auth.throttled")
        self.platform.sign_in("saint-mary", "rita@example.org", PASSWORD, address="198.51.100.7", user_agent="Browser 1.0")

        request, streamed = uuid.uuid4(), uuid.uuid4()
        self.desk.caller(address="198.51.100.7", request_id=request)
        self.desk.profile.get()
        self.admin.caller(request_id=str(streamed))
        with self.admin.stream("audit.export") as stream:
            b"".join(stream)
        events = [base64.b64decode(json.loads(line)["event"]) for line in self.admin.audit.export().splitlines()]
        for said in (request, streamed):
            self.assertTrue(any(said.bytes in event for event in events))

    def test_background_work_is_done(self):
        self.assertEqual(self.platform.tick(), [])

    def test_content_is_bytes_or_a_file(self):
        report = self.admin.imports.patients(content=CSV, media_type="text/csv", facility=self.facility)
        self.assertEqual((report["created"], report["failed"]), (1, 0))
        report = self.admin.imports.patients(content=io.BytesIO(CSV), media_type="text/csv", facility=self.facility)
        self.assertEqual((report["created"], report["unchanged"]), (0, 1))

    def test_a_file_that_fails_raises_its_own_error(self):
        class Broken:
            def read(self, capacity):
                raise OSError("unplugged")

        with self.assertRaisesRegex(OSError, "unplugged"):
            self.admin.imports.patients(content=Broken(), facility=self.facility)
        with self.assertRaises(TypeError):
            self.admin.imports.patients(content=CSV.decode(), facility=self.facility)
        with self.assertRaisesRegex(TypeError, "binary file"):
            self.admin.imports.patients(content=io.StringIO(CSV.decode()), facility=self.facility)

    def test_what_is_closed_while_a_file_is_read_ends_with_the_call(self):
        handle = self.admin._handle

        class Closing(io.BytesIO):
            def read(closing, capacity):
                self.admin.close()
                return super().read(capacity)

        self.admin.imports.patients(content=Closing(CSV), facility=self.facility)
        with self.assertRaises(medflow.MedflowError) as raised:
            medflow._run("medflow_call", handle, b"profile.get", b"{}")
        self.assertEqual(raised.exception.code, "handle.invalid")
        self.assertFalse(medflow._late)
        self.assertEqual(self.desk.profile.get()["email"], "rita@example.org")

    def test_a_stream_is_read_in_pieces(self):
        whole = self.admin.audit.export()
        with self.admin.stream("audit.export") as stream:
            self.assertEqual(stream.media_type, "application/x-ndjson")
            self.assertTrue(b"".join(stream).startswith(whole))

    def test_an_invoice_is_printed(self):
        clerk = self.join(
            self.admin.users.invite(
                email="bert@example.org", display_name="Bert", roles=["billing_clerk"], facilities=[self.facility]
            )
        )
        anna = self.desk.patients.register(**ANNA)
        draft = clerk.invoices.create(
            patient_id=anna["id"], lines=[{"description": "Consultation", "price_micro": 50_000_000}]
        )
        invoice = clerk.invoices.issue(id=draft["id"], revision=draft["revision"], idempotency_key="issue-1")
        text = clerk.invoices.print(id=invoice["id"], format="text").decode()
        self.assertIn("Invoice " + invoice["number"], text)
        try:
            with clerk.stream("invoices.print", id=invoice["id"], format="pdf") as stream:
                self.assertEqual(stream.media_type, "application/pdf")
                pdf = b"".join(stream)
        except medflow.MedflowError as error:
            self.assertEqual((error.code, error.kind), ("print.no_pdf", "unsupported_media"))
            self.skipTest("the library was built without Pango")
        self.assertTrue(pdf.startswith(b"%PDF-"))
        self.assertEqual(clerk.invoices.print(id=invoice["id"], format="pdf"), pdf)

    def test_what_is_closed_answers_no_more(self):
        self.desk.close()
        self.desk.close()
        with self.assertRaises(medflow.MedflowError) as raised:
            self.desk.profile.get()
        self.assertEqual(raised.exception.code, "handle.invalid")
        self.platform.close()
        with self.assertRaises(medflow.MedflowError):
            self.admin.profile.get()

    def test_threads_share_a_session(self):
        failures = []

        def work():
            try:
                for _ in range(10):
                    self.desk.patients.register(**ANNA)
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(self.desk.patients.list(name="okafor", limit=200)["data"]), 40)

    def test_a_folder_keeps_its_data_under_its_key(self):
        with tempfile.TemporaryDirectory() as folder:
            key = os.path.join(folder, "root.key")
            engine = "sqlcipher:" + os.path.join(folder, "data")
            medflow.make_root_key(key)
            with medflow.open(engine, root_key_file=key, create=True) as platform:
                platform.operator("test").tenants.provision(
                    slug="general", name="General", default_zone="UTC", currency="EUR"
                )
            with self.assertRaises(medflow.MedflowError) as raised:
                medflow.open(engine, root_key=bytes(32))
            self.assertEqual(raised.exception.code, "key.mismatch")
            with medflow.open(engine, root_key_file=key) as platform:
                tenants = platform.operator("test").tenants.list()["data"]
                self.assertEqual([tenant["slug"] for tenant in tenants], ["general"])


    def test_a_passphrase_opens_a_root_key_file(self):
        with tempfile.TemporaryDirectory() as folder:
            key = os.path.join(folder, "root.key")
            medflow.make_passphrase_key(key, "eleven grey herons at dawn")
            for passphrase in ("twelve grey herons at dawn", None):
                with self.assertRaises(medflow.MedflowError) as raised:
                    medflow.open("memory:", root_key_file=key, passphrase=passphrase, create=True)
                self.assertEqual(raised.exception.code, "key.mismatch")
            with medflow.open("memory:", root_key_file=key, passphrase=b"eleven grey herons at dawn", create=True) as platform:
                self.assertTrue(platform.operator("test").tenants.list())
            with self.assertRaises(ValueError):
                medflow.open("memory:", root_key=bytes(32), root_key_file=key, passphrase="eleven grey herons at dawn")
            with self.assertRaises(TypeError):
                medflow.open("memory:", root_key_file=key, passphrase=12)


if __name__ == "__main__":
    unittest.main()
