"""A hospital inside a Python program: made, staffed and used."""

import medflow

with medflow.open("memory:", root_key=bytes(range(32)), create=True) as platform:

    def join(invitation, password):
        """The invited person sets a password, and signs in."""
        with platform.visit("general") as visitor:
            visitor.auth.register(invitation=invitation["token"], password=password)
        return platform.sign_in("general", invitation["user"]["email"], password)

    root = platform.operator("client.py")
    hospital = root.tenants.provision(
        slug="general", name="General Hospital", default_zone="Europe/Berlin", currency="EUR"
    )
    admin = join(
        root.users.invite_first_admin(id=hospital["id"], email="ada@example.org", display_name="Ada"), "violet tundra 47"
    )
    facility = admin.facilities.list()["data"][0]["id"]
    desk = join(
        admin.users.invite(
            email="rita@example.org", display_name="Rita", roles=["receptionist"], facilities=[facility]
        ),
        "anchor mosaic 12",
    )

    desk.patients.register(
        names=[{"family": "Müller", "given": ["Anna"]}], birth={"date": "1985-03-14"}, sex_admin="female"
    )
    for patient in desk.patients.list(name="muller an")["data"]:
        name = patient["names"][0]
        print(patient["mrn"], name["given"][0], name["family"], patient["birth"]["date"])

    try:
        desk.patients.register(names=[])
    except medflow.MedflowError as error:
        print(error.kind, [field["pointer"] for field in error.fields])
