-- AlterTable
ALTER TABLE "Job" ADD COLUMN "private" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "Job" ADD COLUMN "server" TEXT;

-- CreateTable
CREATE TABLE "Person" (
    "platform" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "defaults" JSONB NOT NULL,

    PRIMARY KEY ("platform", "id")
);

-- CreateTable
CREATE TABLE "Favorite" (
    "platform" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "jobId" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,

    PRIMARY KEY ("platform", "personId", "jobId")
);

-- CreateIndex
CREATE INDEX "Favorite_platform_personId_createdAt_idx" ON "Favorite"("platform", "personId", "createdAt");
