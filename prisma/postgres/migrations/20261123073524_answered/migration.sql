-- AlterTable
ALTER TABLE "Job" ADD COLUMN "answered" BOOLEAN NOT NULL DEFAULT false;

-- What is over was answered, and so was what has a message.
UPDATE "Job" SET "answered" = true
WHERE "status" IN ('done', 'failed', 'canceled') OR "id" IN (SELECT "jobId" FROM "Post");

-- CreateIndex
CREATE INDEX "Job_answered_createdAt_idx" ON "Job"("answered", "createdAt");
