// MedFlow: hospital management as a library. Include this, open a Platform, get a Session, call operations.
#pragma once

#include "medflow/audit.hpp"
#include "medflow/custom_roles.hpp"
#include "medflow/error.hpp"
#include "medflow/operations.hpp"
#include "medflow/patients.hpp"
#include "medflow/platform.hpp"
#include "medflow/result.hpp"
#include "medflow/roles.hpp"
#include "medflow/session.hpp"
#include "medflow/tenants.hpp"
#include "medflow/users.hpp"
