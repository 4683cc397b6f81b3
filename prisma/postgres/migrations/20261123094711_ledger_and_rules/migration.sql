-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "deviceSeconds" DOUBLE PRECISION,
ADD COLUMN     "flagged" JSONB,
ADD COLUMN     "flaggedAs" TEXT,
ADD COLUMN     "predicted" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "relaxed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "weight" DOUBLE PRECISION NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "LedgerEntry" (
    "jobId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "countedAt" TIMESTAMP(3) NOT NULL,
    "platform" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "pictures" INTEGER NOT NULL,
    "steps" INTEGER NOT NULL,
    "megapixelSteps" DOUBLE PRECISION NOT NULL,
    "deviceSeconds" DOUBLE PRECISION NOT NULL,
    "relaxed" BOOLEAN NOT NULL,
    "outcome" TEXT,
    "waitSeconds" INTEGER,
    "runSeconds" DOUBLE PRECISION,

    CONSTRAINT "LedgerEntry_pkey" PRIMARY KEY ("jobId","kind")
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
    "deviceSeconds" DOUBLE PRECISION NOT NULL,
    "megapixelSteps" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "UsageSum_pkey" PRIMARY KEY ("platform","server","facet","day","key")
);

-- CreateTable
CREATE TABLE "ServerRules" (
    "platform" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "rules" JSONB NOT NULL,

    CONSTRAINT "ServerRules_pkey" PRIMARY KEY ("platform","server")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "personName" TEXT NOT NULL,
    "change" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Review" (
    "id" TEXT NOT NULL,
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
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Review_pkey" PRIMARY KEY ("id")
);

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
CREATE FUNCTION "ledger_reserve"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
    "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed")
  VALUES (NEW."id", 'reserve', NEW."createdAt", NEW."createdAt", NEW."platform", coalesce(NEW."server", 'direct'),
    NEW."channel", NEW."requesterId", NEW."params" ->> 'model',
    (NEW."params" ->> 'count')::integer,
    (NEW."params" ->> 'steps')::integer,
    (NEW."params" ->> 'width')::float8 * (NEW."params" ->> 'height')::float8 * (NEW."params" ->> 'steps')::float8
      * (NEW."params" ->> 'count')::float8 / 1e6,
    NEW."predicted", NEW."relaxed");
  RETURN NULL;
END $$;

CREATE TRIGGER "ledger_reserve" AFTER INSERT ON "Job" FOR EACH ROW EXECUTE FUNCTION "ledger_reserve"();

CREATE FUNCTION "ledger_settle"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
    "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed", "outcome", "waitSeconds", "runSeconds")
  SELECT r."jobId", 'settle', coalesce(NEW."finishedAt", NEW."createdAt"), r."countedAt", r."platform", r."server",
    r."channel", r."personId", r."model",
    jsonb_array_length(NEW."images") - r."pictures",
    coalesce(NEW."params" ->> 'stop', NEW."params" ->> 'steps')::integer,
    (NEW."params" ->> 'width')::float8 * (NEW."params" ->> 'height')::float8
      * coalesce(NEW."params" ->> 'stop', NEW."params" ->> 'steps')::float8
      * jsonb_array_length(NEW."images") / 1e6 - r."megapixelSteps",
    coalesce(NEW."deviceSeconds", 0) - r."deviceSeconds",
    r."relaxed",
    CASE WHEN NEW."status" = 'failed' AND coalesce(jsonb_array_length(NEW."flagged"), 0) > 0 THEN 'moderated'
      ELSE NEW."status"::text END,
    CASE WHEN NEW."startedAt" IS NOT NULL
      THEN greatest(0, round(extract(epoch FROM NEW."startedAt" - NEW."createdAt")))::integer END,
    CASE WHEN NEW."startedAt" IS NOT NULL AND NEW."finishedAt" IS NOT NULL
      THEN greatest(0, extract(epoch FROM NEW."finishedAt" - NEW."startedAt"))::float8 END
  FROM "LedgerEntry" r WHERE r."jobId" = NEW."id" AND r."kind" = 'reserve';
  RETURN NULL;
END $$;

CREATE TRIGGER "ledger_settle" AFTER UPDATE OF "status" ON "Job" FOR EACH ROW
WHEN (NEW."status" IN ('done', 'failed', 'canceled') AND OLD."status" IN ('queued', 'running'))
EXECUTE FUNCTION "ledger_settle"();

CREATE FUNCTION "ledger_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entries of the ledger are never changed or removed';
END $$;

CREATE TRIGGER "ledger_keep" BEFORE UPDATE ON "LedgerEntry" FOR EACH ROW
WHEN (NEW."personId" <> 'forgotten' OR NEW."jobId" <> OLD."jobId" OR NEW."kind" <> OLD."kind"
  OR NEW."at" <> OLD."at" OR NEW."countedAt" <> OLD."countedAt" OR NEW."pictures" <> OLD."pictures"
  OR NEW."megapixelSteps" <> OLD."megapixelSteps" OR NEW."deviceSeconds" <> OLD."deviceSeconds"
  OR NEW."platform" <> OLD."platform" OR NEW."server" <> OLD."server" OR NEW."channel" <> OLD."channel"
  OR NEW."model" <> OLD."model" OR NEW."relaxed" <> OLD."relaxed")
EXECUTE FUNCTION "ledger_keep"();

CREATE TRIGGER "ledger_keep_all" BEFORE DELETE ON "LedgerEntry" FOR EACH ROW EXECUTE FUNCTION "ledger_keep"();

-- What waits already is in the account as well.
INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
  "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed")
SELECT "id", 'reserve', "createdAt", "createdAt", "platform", coalesce("server", 'direct'), "channel", "requesterId",
  "params" ->> 'model', ("params" ->> 'count')::integer, ("params" ->> 'steps')::integer,
  ("params" ->> 'width')::float8 * ("params" ->> 'height')::float8 * ("params" ->> 'steps')::float8
    * ("params" ->> 'count')::float8 / 1e6,
  "predicted", "relaxed"
FROM "Job" WHERE "status" IN ('queued', 'running');
