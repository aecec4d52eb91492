#pragma once
#include <libpq-fe.h>

/* The PG_DIAG_* macros are character literals, which Swift does not import. */
static const int huiyin_diag_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int huiyin_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int huiyin_diag_message = PG_DIAG_MESSAGE_PRIMARY;
static const int huiyin_diag_detail = PG_DIAG_MESSAGE_DETAIL;
static const int huiyin_diag_constraint = PG_DIAG_CONSTRAINT_NAME;
static const int huiyin_diag_position = PG_DIAG_STATEMENT_POSITION;
