-- What is used in a thread counts for the channel that it hangs in.
ALTER TABLE "Job" ADD COLUMN "parentChannel" TEXT;

CREATE OR REPLACE FUNCTION "ledger_reserve"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
    "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed")
  VALUES (NEW."id", 'reserve', NEW."createdAt", NEW."createdAt", NEW."platform", coalesce(NEW."server", 'direct'),
    coalesce(NEW."parentChannel", NEW."channel"), NEW."requesterId", NEW."params" ->> 'model',
    (NEW."params" ->> 'count')::integer,
    (NEW."params" ->> 'steps')::integer,
    (NEW."params" ->> 'width')::float8 * (NEW."params" ->> 'height')::float8 * (NEW."params" ->> 'steps')::float8
      * (NEW."params" ->> 'count')::float8 / 1e6,
    NEW."predicted", NEW."relaxed");
  RETURN NULL;
END $$;

CREATE INDEX "Review_platform_server_state_idx" ON "Review"("platform", "server", "state");

CREATE INDEX "Review_jobId_idx" ON "Review"("jobId");
