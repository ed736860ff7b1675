// The AWS SDK for Go as programs use it, against the server at ENDPOINT. It prints a line for each step that went well and ends
// with an error at the first that did not. Over https CA_BUNDLE names the authority to trust.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	tmtypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const (
	bucket       = "from-go"
	mib          = 1024 * 1024
	otherAccount = "222222222222"
	// Nasty enough that a signature over a wrongly encoded key does not match.
	key = "a b+c/ü%2F=&.txt"
)

var (
	endpoint   = os.Getenv("ENDPOINT")
	ctx        = context.Background()
	httpClient = newHTTPClient()
	client     = newClient(environmentCredentials())
	content    = []byte("from Go, with love")
)

func environmentCredentials() aws.CredentialsProvider {
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	return credentials.NewStaticCredentialsProvider(id, secret, "")
}

func newHTTPClient() *http.Client {
	file := os.Getenv("CA_BUNDLE")
	if file == "" {
		return &http.Client{Timeout: time.Minute}
	}
	pem := must(os.ReadFile(file))
	roots := x509.NewCertPool()
	expect(roots.AppendCertsFromPEM(pem), "no certificate in %s", file)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	return &http.Client{Timeout: time.Minute, Transport: transport}
}

// configOf is what the SDK's own loading of the configuration makes where nothing is configured but this.
func configOf(provider aws.CredentialsProvider) aws.Config {
	return aws.Config{
		BaseEndpoint: aws.String(endpoint), Region: "us-east-1", Credentials: provider, HTTPClient: httpClient, RetryMaxAttempts: 1,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
}

func newClient(provider aws.CredentialsProvider) *s3.Client {
	return s3.NewFromConfig(configOf(provider), func(options *s3.Options) { options.UsePathStyle = true })
}

// fail names the line of the step that expected something else.
func fail(message string) {
	_ = log.Output(3, message)
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		fail(err.Error())
	}
	return value
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func expect(holds bool, format string, values ...any) {
	if !holds {
		fail(fmt.Sprintf(format, values...))
	}
}

func expectRefused(err error, code string) {
	var refused smithy.APIError
	expect(errors.As(err, &refused) && refused.ErrorCode() == code, "%s was expected, not %v", code, err)
}

// bodyOf makes bytes that differ from place to place, so that a part in the wrong place is found out.
func bodyOf(size int) []byte {
	body := make([]byte, size)
	state := uint32(size)
	for at := range body {
		state = state*1664525 + 1013904223
		body[at] = byte(state >> 24)
	}
	return body
}

func readAll(body io.ReadCloser) []byte {
	defer body.Close()
	return must(io.ReadAll(body))
}

func read(name string) []byte {
	input := &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(name), ChecksumMode: types.ChecksumModeEnabled}
	return readAll(must(client.GetObject(ctx, input)).Body)
}

func put() {
	must(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)}))
	must(client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(key), Body: bytes.NewReader(content),
		Metadata: map[string]string{"colour": "blue"}, ContentType: aws.String("text/plain"),
	}))
}

func get() {
	got := must(client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)}))
	expect(bytes.Equal(readAll(got.Body), content), "another content")
	expect(got.Metadata["colour"] == "blue", "metadata %v", got.Metadata)
	expect(aws.ToString(got.ContentType) == "text/plain", "type %s", aws.ToString(got.ContentType))
	_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("missing")})
	var missing *types.NoSuchKey
	expect(errors.As(err, &missing), "NoSuchKey was expected, not %v", err)
}

func rangedGet() {
	got := must(client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(key), Range: aws.String("bytes=5-6"),
	}))
	expect(string(readAll(got.Body)) == "Go", "another range")
	expect(aws.ToString(got.ContentRange) == fmt.Sprintf("bytes 5-6/%d", len(content)), "range %s", *got.ContentRange)
}

func multipart() {
	body := bodyOf(20*mib + 3)
	for _, kind := range []tmtypes.GetObjectType{tmtypes.GetObjectParts, tmtypes.GetObjectRanges} {
		name := "large-" + string(kind)
		manager := transfermanager.New(client, func(options *transfermanager.Options) { options.GetObjectType = kind })
		must(manager.UploadObject(ctx, &transfermanager.UploadObjectInput{
			Bucket: aws.String(bucket), Key: aws.String(name), Body: bytes.NewReader(body),
		}))
		head := must(client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String(name)}))
		expect(strings.HasSuffix(*head.ETag, `-3"`) && *head.ContentLength == int64(len(body)), "%s, %d", *head.ETag, *head.ContentLength)
		file := must(os.CreateTemp("", "standin-go-"))
		defer os.Remove(file.Name())
		must(manager.DownloadObject(ctx, &transfermanager.DownloadObjectInput{
			Bucket: aws.String(bucket), Key: aws.String(name), WriterAt: file,
		}))
		expect(bytes.Equal(must(os.ReadFile(file.Name())), body), "another content after the download in parts")
		// A stream whose length nobody knows.
		must(manager.UploadObject(ctx, &transfermanager.UploadObjectInput{
			Bucket: aws.String(bucket), Key: aws.String(name), Body: io.MultiReader(bytes.NewReader(body)),
			ChecksumAlgorithm: tmtypes.ChecksumAlgorithmSha256,
		}))
		got := must(manager.GetObject(ctx, &transfermanager.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(name)}))
		expect(bytes.Equal(must(io.ReadAll(got.Body)), body), "another content after the upload of a stream")
	}
}

func checksums() {
	body := bodyOf(200_000)
	must(client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("default"), Body: bytes.NewReader(body)}))
	head := func(name string) *s3.HeadObjectOutput {
		input := &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String(name), ChecksumMode: types.ChecksumModeEnabled}
		return must(client.HeadObject(ctx, input))
	}
	expect(head("default").ChecksumCRC32 != nil, "the default is not CRC32")
	for _, algorithm := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		input := &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(string(algorithm)), ChecksumAlgorithm: algorithm}
		input.Body = bytes.NewReader(body)
		must(client.PutObject(ctx, input))
		expect(bytes.Equal(read(string(algorithm)), body), "%s: another content", algorithm)
	}
	expect(head("SHA256").ChecksumSHA256 != nil && head("CRC32C").ChecksumCRC32C != nil, "no named checksum")
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("wrong"), Body: bytes.NewReader(content), ChecksumSHA256: head("SHA256").ChecksumSHA256,
	})
	expectRefused(err, "BadDigest")
}

func conditionalPut() {
	once := func() error {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(bucket), Key: aws.String("once"), Body: bytes.NewReader(content), IfNoneMatch: aws.String("*"),
		})
		return err
	}
	check(once())
	expectRefused(once(), "PreconditionFailed")
}

func listPages() {
	for number := range 25 {
		must(client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(bucket), Key: aws.String(fmt.Sprintf("list/%02d", number)), Body: strings.NewReader("x"),
		}))
	}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{
		Bucket: aws.String(bucket), Prefix: aws.String("list/"), MaxKeys: aws.Int32(10),
	})
	var sizes []int
	var names []string
	for pages.HasMorePages() {
		page := must(pages.NextPage(ctx))
		sizes = append(sizes, len(page.Contents))
		for _, object := range page.Contents {
			names = append(names, *object.Key)
		}
	}
	expect(fmt.Sprint(sizes) == "[10 10 5]", "pages of %v", sizes)
	for number, name := range names {
		expect(name == fmt.Sprintf("list/%02d", number), "%s at %d", name, number)
	}
}

func presigned() {
	signer := s3.NewPresignClient(client)
	name := "by URL/" + key
	signed := must(signer.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(name), ContentType: aws.String("text/x"),
	}))
	request := must(http.NewRequest(signed.Method, signed.URL, bytes.NewReader(content)))
	for header := range signed.SignedHeader {
		if !strings.EqualFold(header, "host") {
			request.Header.Set(header, signed.SignedHeader.Get(header))
		}
	}
	answer := must(httpClient.Do(request))
	expect(answer.StatusCode == 200, "PUT by URL: %s %s", answer.Status, readAll(answer.Body))
	url := must(signer.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(name)})).URL
	answer = must(httpClient.Get(url))
	expect(answer.StatusCode == 200 && answer.Header.Get("Content-Type") == "text/x", "GET by URL: %s", answer.Status)
	expect(bytes.Equal(readAll(answer.Body), content), "another content by URL")
	answer = must(httpClient.Get(url + "0"))
	expect(answer.StatusCode == 403, "a changed signature: %s", answer.Status)
}

func copyObject() {
	// The SDK sends the source as it is: the caller encodes it.
	source := bucket + "/large-" + string(tmtypes.GetObjectParts)
	must(client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("copied/" + key), CopySource: aws.String(source),
	}))
	expect(bytes.Equal(read("copied/"+key), bodyOf(20*mib+3)), "the copy has another content")
}

func deleteMany() {
	for {
		page := must(client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)}))
		if len(page.Contents) == 0 {
			break
		}
		var all []types.ObjectIdentifier
		for _, object := range page.Contents {
			all = append(all, types.ObjectIdentifier{Key: object.Key})
		}
		deleted := must(client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: aws.String(bucket), Delete: &types.Delete{Objects: all},
		}))
		expect(len(deleted.Deleted) == len(all) && len(deleted.Errors) == 0, "deleted %d of %d", len(deleted.Deleted), len(all))
	}
}

func assumeRole() {
	security := sts.NewFromConfig(configOf(environmentCredentials()))
	issued := must(security.AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + otherAccount + ":role/deploy"), RoleSessionName: aws.String("go"),
	})).Credentials
	other := newClient(credentials.NewStaticCredentialsProvider(*issued.AccessKeyId, *issued.SecretAccessKey, *issued.SessionToken))
	must(other.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("of-the-role")}))
	bucketsOf := func(of *s3.Client) string {
		var names []string
		for _, each := range must(of.ListBuckets(ctx, &s3.ListBucketsInput{})).Buckets {
			names = append(names, *each.Name)
		}
		return strings.Join(names, " ")
	}
	expect(bucketsOf(other) == "of-the-role", "the role's buckets: %s", bucketsOf(other))
	expect(bucketsOf(client) == bucket, "the caller's buckets: %s", bucketsOf(client))
}

func main() {
	log.SetFlags(log.Lshortfile)
	for _, step := range []struct {
		name string
		run  func()
	}{
		{"put", put}, {"get", get}, {"ranged get", rangedGet}, {"multipart", multipart}, {"checksums", checksums},
		{"conditional put", conditionalPut}, {"list pages", listPages}, {"presigned get and put", presigned},
		{"copy", copyObject}, {"delete many", deleteMany}, {"assume role", assumeRole},
	} {
		step.run()
		fmt.Println("ok", step.name)
	}
}
