-- What is used in a thread counts for the channel that it hangs in.
ALTER TABLE "Job" ADD COLUMN "parentChannel" TEXT;

DROP TRIGGER "ledger_reserve";

CREATE TRIGGER "ledger_reserve" AFTER INSERT ON "Job"
BEGIN
  INSERT INTO "LedgerEntry" ("jobId", "kind", "at", "countedAt", "platform", "server", "channel", "personId", "model",
    "pictures", "steps", "megapixelSteps", "deviceSeconds", "relaxed")
  VALUES (NEW."id", 'reserve', NEW."createdAt", NEW."createdAt", NEW."platform", coalesce(NEW."server", 'direct'),
    coalesce(NEW."parentChannel", NEW."channel"), NEW."requesterId", NEW."params" ->> '$.model',
    NEW."params" ->> '$.count',
    NEW."params" ->> '$.steps',
    (NEW."params" ->> '$.width') * (NEW."params" ->> '$.height') * (NEW."params" ->> '$.steps')
      * (NEW."params" ->> '$.count') / 1e6,
    NEW."predicted", NEW."relaxed");
END;

CREATE INDEX "Review_platform_server_state_idx" ON "Review"("platform", "server", "state");

CREATE INDEX "Review_jobId_idx" ON "Review"("jobId");
