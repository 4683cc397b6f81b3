-- CreateTable
CREATE TABLE "LedgerEntry" (
    "jobId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "countedAt" DATETIME NOT NULL,
    "platform" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "pictures" INTEGER NOT NULL,
    "steps" INTEGER NOT NULL,
    "megapixelSteps" REAL NOT NULL,
    "deviceSeconds" REAL NOT NULL,
    "relaxed" BOOLEAN NOT NULL,
    "outcome" TEXT,
    "waitSeconds" INTEGER,
    "runSeconds" REAL,

    PRIMARY KEY ("jobId", "kind")
);

-- CreateTable
CREATE TABLE "UsageSum" (
    "platform" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "day" TEXT NOT NULL,
    "facet" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "requests" INTEGER NOT NULL,
    "pictures" INTEGER NOT NULL,
    "deviceSeconds" REAL NOT NULL,
    "megapixelSteps" REAL NOT NULL,

    PRIMARY KEY ("platform", "server", "facet", "day", "key")
);

-- CreateTable
CREATE TABLE "ServerRules" (
    "platform" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "rules" JSONB NOT NULL,

    PRIMARY KEY ("platform", "server")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "platform" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "personName" TEXT NOT NULL,
    "change" TEXT NOT NULL,
    "at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "Review" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "server" TEXT,
    "channel" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "personName" TEXT NOT NULL,
    "request" JSONB,
    "jobId" TEXT,
    "reason" TEXT NOT NULL,
    "post" JSONB,
    "decidedBy" TEXT,
    "createdAt" DATETIME NOT NULL
);

-- AlterTable
ALTER TABLE "Job" ADD COLUMN "relaxed" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "Job" ADD COLUMN "weight" REAL NOT NULL DEFAULT 1;
ALTER TABLE "Job" ADD COLUMN "predicted" REAL NOT NULL DEFAULT 0;
ALTER TABLE "Job" ADD COLUMN "flaggedAs" TEXT;
ALTER TABLE "Job" ADD COLUMN "flagged" JSONB;
ALTER TABLE "Job" ADD COLUMN "deviceSeconds" REAL;

-- CreateIndex
CREATE INDEX "LedgerEntry_used_idx" ON "LedgerEntry"("platform", "server", "countedAt", "relaxed", "model", "pictures", "deviceSeconds");

-- CreateIndex
CREATE INDEX "LedgerEntry_platform_personId_server_countedAt_idx" ON "LedgerEntry"("platform", "personId", "server", "countedAt");

-- CreateIndex
CREATE INDEX "LedgerEntry_platform_server_kind_at_idx" ON "LedgerEntry"("platform", "server", "kind", "at");

-- CreateIndex
CREATE INDEX "Job_platform_server_status_finishedAt_idx" ON "Job"("platform", "server", "status", "finishedAt");

-- CreateIndex
CREATE INDEX "UsageSum_day_facet_idx" ON "UsageSum"("day", "facet");

-- CreateIndex
CREATE INDEX "AuditEntry_platform_server_id_idx" ON "AuditEntry"("platform", "server", "id");

-- CreateIndex
CREATE INDEX "Review_platform_personId_idx" ON "Review"("platform", "personId");

-- The ledger keeps itself: every change of a job's row that it accounts for adds its entry in the same statement, so
-- that the two can not be apart, whatever dies when. Entries are never changed, but that a person in them is forgotten.
CREATE TRIGGER "ledger_reserve" AFTER INSERT ON "Job"
BEGIN
  INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
    "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed")
  VALUES (NEW."id", 'reserve', NEW."createdAt", NEW."createdAt", NEW."platform", coalesce(NEW."server", 'direct'),
    NEW."channel", NEW."requesterId", NEW."params" ->> '$.model',
    NEW."params" ->> '$.count',
    NEW."params" ->> '$.steps',
    (NEW."params" ->> '$.width') * (NEW."params" ->> '$.height') * (NEW."params" ->> '$.steps')
      * (NEW."params" ->> '$.count') / 1e6,
    NEW."predicted", NEW."relaxed");
END;

CREATE TRIGGER "ledger_settle" AFTER UPDATE OF "status" ON "Job"
WHEN NEW."status" IN ('done', 'failed', 'canceled') AND OLD."status" IN ('queued', 'running')
BEGIN
  INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
    "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed", "outcome", "waitSeconds", "runSeconds")
  SELECT r."jobId", 'settle', coalesce(NEW."finishedAt", NEW."createdAt"), r."countedAt", r."platform", r."server",
    r."channel", r."personId", r."model",
    json_array_length(NEW."images") - r."pictures",
    coalesce(NEW."params" ->> '$.stop', NEW."params" ->> '$.steps'),
    (NEW."params" ->> '$.width') * (NEW."params" ->> '$.height')
      * coalesce(NEW."params" ->> '$.stop', NEW."params" ->> '$.steps')
      * json_array_length(NEW."images") / 1e6 - r."megapixelSteps",
    coalesce(NEW."deviceSeconds", 0) - r."deviceSeconds",
    r."relaxed",
    CASE WHEN NEW."status" = 'failed' AND coalesce(json_array_length(NEW."flagged"), 0) > 0 THEN 'moderated'
      ELSE NEW."status" END,
    CASE WHEN NEW."startedAt" IS NOT NULL
      THEN max(0, CAST(round((julianday(NEW."startedAt") - julianday(NEW."createdAt")) * 86400) AS INTEGER)) END,
    CASE WHEN NEW."startedAt" IS NOT NULL AND NEW."finishedAt" IS NOT NULL
      THEN max(0, round((julianday(NEW."finishedAt") - julianday(NEW."startedAt")) * 86400, 3)) END
  FROM "LedgerEntry" r WHERE r."jobId" = NEW."id" AND r."kind" = 'reserve';
END;

CREATE TRIGGER "ledger_keep" BEFORE UPDATE ON "LedgerEntry"
WHEN NEW."personId" <> 'forgotten' OR NEW."jobId" <> OLD."jobId" OR NEW."kind" <> OLD."kind"
  OR NEW."at" <> OLD."at" OR NEW."countedAt" <> OLD."countedAt" OR NEW."pictures" <> OLD."pictures"
  OR NEW."megapixelSteps" <> OLD."megapixelSteps" OR NEW."deviceSeconds" <> OLD."deviceSeconds"
  OR NEW."platform" <> OLD."platform" OR NEW."server" <> OLD."server" OR NEW."channel" <> OLD."channel"
  OR NEW."model" <> OLD."model" OR NEW."relaxed" <> OLD."relaxed"
BEGIN
  SELECT raise(ABORT, 'entries of the ledger are never changed');
END;

CREATE TRIGGER "ledger_keep_all" BEFORE DELETE ON "LedgerEntry"
BEGIN
  SELECT raise(ABORT, 'entries of the ledger are never removed');
END;

-- What waits already is in the account as well.
INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
  "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed")
SELECT "id", 'reserve', "createdAt", "createdAt", "platform", coalesce("server", 'direct'), "channel", "requesterId",
  "params" ->> '$.model', "params" ->> '$.count', "params" ->> '$.steps',
  ("params" ->> '$.width') * ("params" ->> '$.height') * ("params" ->> '$.steps') * ("params" ->> '$.count') / 1e6,
  "predicted", "relaxed"
FROM "Job" WHERE "status" IN ('queued', 'running');
